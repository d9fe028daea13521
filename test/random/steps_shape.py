"""Steps that move numbers: shapes, slices, replacing, joining and taking apart, sorting, choosing by integers."""
from steps_elementwise import unique
from tensors import Skip, every_point, number, plus, product, times


def moved(x, axes, source):
    """The values of a result whose point p is x at source(p); None stands for 0."""
    if x.values is None:
        return None
    places = [source(list(point)) for point in every_point(axes)]
    return [0.0 if place is None else x.at(place) for place in places]


def keep(f, text, x, axes, source):
    return f.define(text, axes, bound=x.bound, values=moved(x, axes, source), depends=x.depends)


def some(f, smallest=1):
    return f.tensor(fits=lambda t: t.rank >= smallest and t.count > 0)


def transpose(f):
    x = some(f, 2)
    axes = x.axes[:-2] + [x.axes[-1], x.axes[-2]]
    return keep(f, f"transpose({x.name})", x, axes, lambda p: p[:-2] + [p[-1], p[-2]])


def permuted(f):
    """Axes in another order, by index notation."""
    x = some(f, 2)
    if x.rank > 4:
        raise Skip
    order = f.rng.sample(range(x.rank), x.rank)
    index = "ijkl"[:x.rank]
    name = f.fresh()
    axes = [x.axes[k] for k in order]
    left = ", ".join(index[k] for k in order)
    values = moved(x, axes, lambda p: [p[order.index(k)] for k in range(x.rank)])
    tensor = f.result(name, axes, bound=x.bound, values=values, depends=x.depends)
    f.add(f"{name}[{left}] = {x.name}[{', '.join(index)}]")
    return tensor


def reshape(f):
    """Two axes as one, or one split, or everything in a row."""
    x = some(f, 2)
    k = f.rng.randrange(x.rank - 1)
    axes = x.axes[:k] + [times(x.axes[k], x.axes[k + 1])] + x.axes[k + 2:]
    if f.rng.random() < 0.3:
        y = f.define(f"reshape[{', '.join(a.text for a in axes)}]({x.name})", axes, bound=x.bound, values=x.values, depends=x.depends)
        other = x.axes[:k] + [x.axes[k + 1], x.axes[k]] + x.axes[k + 2:]
        return f.define(f"reshape[{', '.join(a.text for a in other)}]({y.name})", other, bound=x.bound, values=x.values,
                        depends=x.depends)
    if f.rng.random() < 0.2:
        axes = [x.axes[0], product_of(x.axes[1:])]
        return f.define(f"flatten({x.name})", axes, bound=x.bound, values=x.values, depends=x.depends)
    return f.define(f"reshape[{', '.join(a.text for a in axes)}]({x.name})", axes, bound=x.bound, values=x.values, depends=x.depends)


def product_of(axes):
    result = axes[0]
    for axis in axes[1:]:
        result = times(result, axis)
    return result


def slices(f):
    """A position or a range on each of the first axes."""
    x = some(f)
    texts, axes, source = [], [], []
    for axis in x.axes[:f.rng.randrange(1, x.rank + 1)]:
        form, n = f.rng.random(), axis.value
        if form < 0.3:
            k = f.rng.randrange(n)
            texts.append(f"{axis.text} - 1" if k == n - 1 and axis in f.dims else str(k))
            source.append(k)
        elif form < 0.7 and n >= 2:
            first = f.rng.randrange(1, n)
            texts.append(f"{first}:")
            axes.append(plus(axis, -first))
            source.append((first,))
        elif n >= 2:
            last = f.rng.randrange(1, n)
            texts.append(f"0:{last}" if f.rng.random() < 0.5 else f":{last}")
            axes.append(number(last))
            source.append((0,))
        else:
            texts.append(":")
            axes.append(axis)
            source.append((0,))
    axes += x.axes[len(texts):]
    source += [(0,)] * (x.rank - len(texts))

    def place(point):
        rest = iter(point)
        return [s if isinstance(s, int) else next(rest) + s[0] for s in source]

    return keep(f, f"{x.name}[{', '.join(texts)}]", x, axes, place)


def replace(f):
    """x with one slice replaced."""
    x = some(f)
    k = f.rng.randrange(x.rank)
    position = f.rng.randrange(x.axes[k].value)
    rest = x.axes[:k] + x.axes[k + 1:]
    if f.rng.random() < 0.5:
        new, bound, depends, value = "0.75", 0.75, frozenset(), lambda p: 0.75
    else:
        y = f.like(rest)
        new, bound, depends = y.name, y.bound, y.depends
        value = None if y.values is None else (lambda p: y.at(p))
    name = f.fresh()
    values = None
    if x.values is not None and value is not None:
        values = [value(list(p[:k] + p[k + 1:])) if p[k] == position else x.at(p) for p in every_point(x.axes)]
    tensor = f.result(name, x.axes, bound=max(bound, x.bound), values=values, depends=x.depends | depends)
    f.add(f"{name} = {x.name} * 1.0\n{name}[{', '.join([':'] * k + [str(position)])}] <- {new}")
    return tensor


def join(f):
    """concat along an axis, or stack."""
    x = some(f)
    y = f.like(x.axes)
    if f.rng.random() < 0.5:
        k = f.rng.randrange(x.rank)
        axes = x.axes[:k] + [times(number(2), x.axes[k])] + x.axes[k + 1:]
        where = f", axis = {x.axes[k].text if unique(x, k) else k}"
        n = x.axes[k].value
        pick = lambda p: (x, p) if p[k] < n else (y, p[:k] + [p[k] - n] + p[k + 1:])
        text = f"concat({x.name}, {y.name}{'' if k == x.rank - 1 and f.rng.random() < 0.5 else where})"
    else:
        k = f.rng.randrange(x.rank + 1)
        axes = x.axes[:k] + [number(2)] + x.axes[k:]
        pick = lambda p: ((x, y)[p[k]], p[:k] + p[k + 1:])
        text = f"stack({x.name}, {y.name}{'' if k == 0 and f.rng.random() < 0.5 else f', axis = {k}'})"
    values = None
    if x.values is not None and y.values is not None:
        values = [t.at(place) for t, place in (pick(list(p)) for p in every_point(axes))]
    return f.define(text, axes, bound=max(x.bound, y.bound), values=values, depends=x.depends | y.depends)


def take_apart(f):
    """split or unstack; both pieces go on."""
    x = f.tensor(fits=lambda t: t.rank >= 1 and (t.shape[-1] % 2 == 0 or t.shape[0] in (2, 3)))
    first, second = f.fresh(), f.fresh()
    if x.shape[-1] % 2 == 0 and (x.shape[0] not in (2, 3) or f.rng.random() < 0.5):
        half = number(x.shape[-1] // 2)
        axes, n = x.axes[:-1] + [half], half.value
        text = f"({first}, {second}) = split[2]({x.name})"
        parts = [moved(x, axes, lambda p, s=s: p[:-1] + [p[-1] + s * n]) for s in (0, 1)]
    else:
        axes = x.axes[1:]
        names = [first, second] + [f.fresh() for _ in range(x.shape[0] - 2)]
        text = f"({', '.join(names)}) = unstack[{x.shape[0]}]({x.name}, axis = 0)"
        parts = [moved(x, axes, lambda p, s=s: [s] + p) for s in (0, 1)]
    a = f.result(first, axes, bound=x.bound, values=parts[0], depends=x.depends)
    f.result(second, axes, bound=x.bound, values=parts[1], depends=x.depends)
    f.add(text)
    return a


def padded(f):
    x = f.tensor(fits=lambda t: t.rank >= 1 and any(unique(t, i) for i in range(t.rank)))
    k = f.rng.choice([i for i in range(x.rank) if unique(x, i)])
    width = f.rng.randrange(1, 3)
    axes = x.axes[:k] + [plus(x.axes[k], 2 * width)] + x.axes[k + 1:]
    n = x.axes[k].value
    source = lambda p: p[:k] + [p[k] - width] + p[k + 1:] if 0 <= p[k] - width < n else None
    return keep(f, f"pad[{x.axes[k].text} = {width}]({x.name})", x, axes, source)


def repeated(f):
    """broadcast, then often squeezed elsewhere."""
    x = f.tensor(fits=lambda t: t.rank <= 2)
    k = f.rng.randrange(x.rank + 1)
    axis = f.axes(1)[0]
    if axis in x.axes or len({a.text for a in x.axes}) < x.rank or any(a not in f.dims for a in x.axes):
        raise Skip
    axes = x.axes[:k] + [axis] + x.axes[k:]
    return keep(f, f"broadcast[{', '.join(a.text for a in axes)}]({x.name})", x, axes, lambda p: p[:k] + p[k + 1:])


def order(f):
    """top_k: values and places."""
    x = f.tensor(fits=lambda t: t.rank >= 1 and t.shape[-1] >= 2)
    if not f.kinks:
        raise Skip
    k = f.rng.randrange(1, min(4, x.shape[-1]) + 1)
    values, places = f.fresh(), f.fresh("p")
    axes = x.axes[:-1] + [number(k)]
    sorted_rows = None
    if x.values is not None:
        n = x.shape[-1]
        rows = [x.values[i:i + n] for i in range(0, x.count, n)]
        sorted_rows = [v for row in rows for v in sorted(row, reverse=True)[:k]]
    result = f.result(values, axes, bound=x.bound, values=sorted_rows, depends=x.depends)
    f.result(places, axes, "i32", below=x.axes[-1])
    f.add(f"({values}, {places}) = top_k[{k}]({x.name})")
    return result


def largest_place(f):
    """argmax or argmin, read by a gather or counted."""
    x = f.tensor(fits=lambda t: 1 <= t.rank <= 3 and t.shape[-1] >= 2)
    name = f.rng.choice(["argmax", "argmin"])
    place = f.define(f"{name}({x.name})", x.axes[:-1], "i32", below=x.axes[-1])
    if f.rng.random() < 0.5 and x.axes[-1] in f.dims:
        table = f.input([x.axes[-1]])
        return f.define(f"{table.name}[{place.name}]", place.axes, bound=table.bound, depends=table.depends)
    hot = f.define(f"one_hot[{x.axes[-1].text}]({place.name}) * {x.name}", x.axes, bound=x.bound, depends=x.depends)
    return hot


def integers(f):
    """Integer arithmetic: div, %, comparisons, sums of truth values."""
    u = f.input(f.axes(f.rng.choice([1, 2])), "i32", f.rng.choice(f.dims))
    k = f.rng.randrange(2, 6)
    form = f.rng.randrange(4)
    if form == 0:
        return f.define(f"div({u.name} * 7 - 5, {k})", u.axes, "i32")
    if form == 1:
        return f.define(f"({u.name} * 5 - 11) % {k}", u.axes, "i32")
    if form == 2:
        return f.define(f"sum({u.name} % 2 == 0)", [], "i32")
    x = f.like(u.axes)
    return f.define(f"{x.name} * f32({u.name} % {k} - 1)", u.axes, bound=x.bound * k, depends=x.depends)


def truths(f):
    """Comparisons, and, or, not, any, all; a choice between two tensors."""
    x = some(f)
    y = f.like(x.axes)
    if not f.kinks:
        raise Skip
    test = f.rng.choice([f"{x.name} > {y.name}", f"{x.name} > 0.1 and {y.name} < 0.4", f"not ({x.name} <= {y.name}) or {y.name} > 1",
                         f"({x.name} > 0) != ({y.name} > 0)"])
    c = f.define(test, x.axes, "bool")
    if f.rng.random() < 0.3:
        f.define(f"{f.rng.choice(['any', 'all'])}({c.name})", [], "bool")
    z = f.like(x.axes, new=0.1)
    return f.define(f"where({c.name}, {x.name}, {z.name} * {y.name})", x.axes, bound=max(x.bound, z.bound * y.bound),
                    depends=x.depends | y.depends | z.depends)


STEPS = [(2, transpose), (2, permuted), (3, reshape), (4, slices), (3, replace), (3, join), (2, take_apart), (2, padded),
         (1, repeated), (2, order), (2, largest_place), (2, integers), (2, truths)]
