"""The gamma function and its relatives: with 100 digits for densities, as distribution functions for samplers."""
import math
from decimal import Decimal, getcontext
from fractions import Fraction

SHIFT = 80


def bernoulli_numbers(count):
    numbers = [Fraction(1)]
    for n in range(1, count):
        numbers.append(-sum(math.comb(n + 1, k) * numbers[k] for k in range(n)) / (n + 1))
    return numbers


def decimal(x):
    return Decimal(x.numerator) / Decimal(x.denominator)


getcontext().prec = 100
NUMBERS = [decimal(b) for b in bernoulli_numbers(62)]
HALF_LOG_TWO_PI = (2 * Decimal("3.141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117068")).ln() / 2


def log_gamma(a):
    """By gamma(a + 80) = a (a + 1) .. (a + 79) gamma(a) and Stirling's series."""
    product, y = Decimal(1), a + SHIFT
    for k in range(SHIFT):
        product *= a + k
    series = sum(NUMBERS[k] / (k * (k - 1) * y ** (k - 1)) for k in range(2, 62, 2))
    return (y - Decimal("0.5")) * y.ln() - y + HALF_LOG_TWO_PI + series - product.ln()


def digamma(a):
    y = a + SHIFT
    series = sum(NUMBERS[k] / (k * y**k) for k in range(2, 62, 2))
    return y.ln() - 1 / (2 * y) - series - sum(1 / (a + k) for k in range(SHIFT))


def gamma_cdf(a, x):
    """Of rate 1: the series of the incomplete gamma function below its mean, the continued fraction (by Lentz) above."""
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-17:
            n += 1
            term *= x / n
            total += term
        return front * total
    b, c = x + 1 - a, 1e300
    d = h = 1 / b
    for i in range(1, 10000):
        b += 2
        d = 1 / (i * (a - i) * d + b)
        c = b + i * (a - i) / c
        h *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return 1 - front * h


def beta_fraction(a, b, x):
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    h = d
    for m in range(1, 10000):
        before = h
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 / (1 + step * d or tiny)
            c = 1 + step / c or tiny
            h *= c * d
        if abs(h / before - 1) < 1e-16:
            break
    return h


def beta_cdf(a, b, x):
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * beta_fraction(a, b, x) / a
    return 1 - front * beta_fraction(b, a, 1 - x) / b


def student_cdf(df, x):
    half = 0.5 * beta_cdf(df / 2, 0.5, df / (df + x * x))
    return 1 - half if x > 0 else half


def laplace_cdf(x):
    return 0.5 * math.exp(x) if x < 0 else 1 - 0.5 * math.exp(-x)


def gamma_slope(a, x):
    """-(dF/da) / p at x, the derivative of a gamma number of rate 1 in its shape, by differences with 60 digits of the series of F."""
    step = Decimal("1e-20")

    def cdf(a):
        term = total = 1 / a
        n = a
        while term > total * Decimal("1e-60"):
            n += 1
            term *= x / n
            total += term
        return (a * x.ln() - x - log_gamma(a)).exp() * total

    a, x = Decimal(a), Decimal(x)
    density = ((a - 1) * x.ln() - x - log_gamma(a)).exp()
    return float((cdf(a - step) - cdf(a + step)) / (2 * step) / density)
