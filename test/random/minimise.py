"""Makes a failing program small: lines, then operands, then sizes are taken away while it goes on failing."""
import re


def minimise(text, fails, tries=250):
    """The smallest text found for which `fails` still holds; each try costs a compilation or two."""
    budget = [tries]

    def attempt(candidate):
        if budget[0] <= 0 or candidate == text:
            return False
        budget[0] -= 1
        return fails(candidate)

    changed = True
    while changed and budget[0] > 0:
        changed = False
        for reduce in (without_lines, without_arguments, without_operands, smaller_sizes):
            candidates = iter(reduce(text))
            for candidate in candidates:
                if attempt(candidate):
                    text, changed = candidate, True
                    candidates = iter(reduce(text))
                if budget[0] <= 0:
                    return text
    return text


def without_lines(text):
    """Without one line, or without a block from `{` to its end."""
    lines = text.split("\n")
    for i in range(len(lines) - 1, -1, -1):
        if not lines[i].strip() or lines[i].strip() == "}":
            continue
        end = i + 1
        depth = lines[i].count("{") - lines[i].count("}")
        while depth > 0 and end < len(lines):
            depth += lines[end].count("{") - lines[end].count("}")
            end += 1
        yield "\n".join(lines[:i] + lines[end:])


def without_arguments(text):
    """Without an input, wherever it is an argument; without one of several results or loss terms."""
    for name in dict.fromkeys(re.findall(r"\b([xu]\d+): ", text)):
        shorter = re.sub(rf", {name}\b(: [^,()\[\]]*(\[[^\]]*\])?( < \w+)?)?(?=[,)])", "", text)
        shorter = re.sub(rf"\({name}\b(: [^,()\[\]]*(\[[^\]]*\])?( < \w+)?)?, ", "(", shorter)
        if shorter != text:
            yield shorter
    for line in re.findall(r"^  loss = .*$", text, re.M):
        terms = split_top(line[len("  loss = "):], " + ")
        for i in range(len(terms)):
            if len(terms) > 1:
                yield text.replace(line, "  loss = " + " + ".join(terms[:i] + terms[i + 1:]))
    for names in re.findall(r"^  \((loss(?:, \w+)+)\)(?= =)", text, re.M):
        for name in names.split(", ")[1:]:
            yield without_result(text, name)


def without_result(text, name):
    """A fragment that does not give back one of its results."""
    match = re.search(r"^  \((loss(?:, \w+)+)\)$", text, re.M)
    if not match:
        return text
    place = match[1].split(", ").index(name) if name in match[1].split(", ") else None
    if place is None:
        return text
    types = re.search(r"-> \((f32.*)\) \{", text)
    if not types:
        return text
    parts = split_top(types[1], ", ")
    shorter = parts[:place] + parts[place + 1:]
    text = text.replace(types[0], f"-> ({', '.join(shorter)}) {{" if len(shorter) > 1 else f"-> {shorter[0]} {{")
    text = re.sub(rf"^  show {name} = .*\n|^  report {name} = .*\n", "", text, flags=re.M)
    names = [n for n in match[1].split(", ") if n != name]
    fewer = f"({', '.join(names)})" if len(names) > 1 else names[0]
    return text.replace(f"({match[1]})", fewer)


def split_top(text, separator):
    parts, depth, start, i = [], 0, 0, 0
    while i < len(text):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if depth == 0 and text.startswith(separator, i):
            parts.append(text[start:i])
            start = i = i + len(separator)
        else:
            i += 1
    return parts + [text[start:]]


def without_operands(text):
    """A call or parentheses replaced by one of the operands inside; a right side by one of its operands."""
    for match in re.finditer(r"(\b[a-z_A-Z]\w*(\[[^\[\]]*\])?)?\(", text):
        end = closing(text, match.end() - 1)
        line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        if end is None or re.match(r"(fn|layer|entry|objective|train|data) ", line) or "\n" in text[match.start():end]:
            continue
        for part in operands(text[match.end():end - 1]):
            yield text[:match.start()] + part + text[end:]
    for match in re.finditer(r"^( +(?!yield|show)[\w\[\], <:]+ = )(.*)$", text, re.M):
        if not match[2].startswith("scan"):
            for part in operands(match[2]):
                yield text[:match.start()] + match[1] + part + text[match.end():]


def operands(text):
    """What a list or a formula consists of, the whole aside."""
    for separator in (", ", " + ", " - ", " * ", " / "):
        parts = split_top(text, separator)
        if len(parts) > 1:
            return parts
    match = re.match(r"-(.*)|(?:sum|mean|prod|max|min|logsumexp|softmax|log_softmax)\[[^\]]*\] (.*)|(.*)\^\d", text)
    return [part for part in match.groups() if part] if match else [text]


def closing(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] in "([") - (text[i] in ")]")
        if depth == 0:
            return i + 1
    return None


def smaller_sizes(text):
    first, rest = text.split("\n", 1)
    for match in re.finditer(r"(\w+) = (\d+)", first):
        if not re.search(rf"\b{match[1]}\b", rest):
            shorter = re.sub(rf"{match[1]} = \d+(, )?", "", first).rstrip(", ")
            if shorter != "dim":
                yield f"{shorter}\n{rest}"
            continue
        for n in {1, 2, int(match[2]) // 2, int(match[2]) - 1}:
            if 0 < n < int(match[2]):
                yield f"{first[:match.start(2)]}{n}{first[match.end(2):]}\n{rest}"
