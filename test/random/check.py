"""One program in several configurations: what differs, and the smallest text that still does."""
import os
import re

import inputs
from compare import difference, unequal
from execute import Config, Ended, compile_program, run_entry, run_training, wrong_gradients
from minimise import minimise

BASE = Config()


class Finding:
    """What is wrong with one fragment. `configs` are compared (or only compiled, if there is one)."""

    def __init__(self, number, kind, said, configs):
        self.number, self.kind, self.said, self.configs = number, kind, said.strip()[:1500], configs

    @property
    def how(self):
        return " against ".join(config.name for config in self.configs)


class Check:
    def __init__(self, nnc, passes, program, folder, rng, turns):
        self.nnc, self.passes, self.program, self.folder, self.rng, self.turns = nnc, passes, program, folder, rng, turns
        self.findings, self.flips = [], 0
        self.kept = {f.number: f for f in program.fragments}
        self.made = {}

    # Configurations.

    def pairs(self):
        """Which runs are compared with which: the default beside f64 in some other way, and `turns` further ways beside both."""
        out = lambda count: [f"--no-pass={name}" for name in self.rng.sample(self.passes, count)]
        ways = [[], ["-O0"], ["-O0"], out(1), out(1), out(2), out(4), ["--mcpu=x86-64-v3"], ["--memory-limit=0"]]
        self.wide = Config(self.rng.choice(ways), "f64")
        pairs = [(BASE, self.wide)]
        for flags in self.rng.sample(ways[1:], self.turns):
            real = self.rng.choice(["f32", "f64"])
            pairs.append((Config(flags, real), BASE if real == "f32" else self.wide))
        return pairs

    def run(self):
        pairs = self.pairs()
        configs = {config.name: config for pair in pairs for config in pair}  # Equal ones are one.
        for config in configs.values():
            self.compile(config)
        self.write_inputs()
        results = {name: self.run_all(config) for name, config in configs.items()}
        for config, base in pairs:
            self.compare(config, base, results[config.name], results[base.name])
        self.check_threads(results[BASE.name])
        self.check_values(results[self.wide.name])
        self.check_gradients()

    def write_inputs(self):
        known = {(f.number, x.name): x.values for f in self.kept.values() for x in f.inputs}
        self.inputs = inputs.write_all(self.program.text(self.kept), self.folder, 0, known)

    def find(self, number, kind, said, *configs):
        """Notes a finding; a fragment that failed is left alone from then on."""
        self.findings.append(Finding(number, kind, said, list(configs)))
        self.kept.pop(number, None)

    # Compiling and running.

    def compile(self, config):
        """Compiles what is kept; a fragment that cannot be compiled is a finding and is left out."""
        while self.kept:
            try:
                self.made[config.name] = compile_program(self.nnc, self.program.text(self.kept), config, self.folder,
                                                         f"p{len(self.made)}")
                return
            except Ended as ended:
                if not self.blame(config, ended):
                    raise

    def blame(self, config, ended):
        """Finds the fragments that cannot be compiled, one by one."""
        blamed = False
        for number in list(self.kept):
            try:
                compile_program(self.nnc, self.program.text({number}), config, self.folder, "alone")
            except Ended as alone:
                self.find(number, "refused" if alone.code == 1 else f"compiler ends with {alone.code}", alone.said, config)
                blamed = True
        return blamed

    def run_fragment(self, made, number, given, *flags):
        """The numbers of a fragment; `given` are the inputs of entries."""
        if number in given:
            return run_entry(made, number, given[number], self.folder, *flags)
        return run_training(made, number, self.folder, *flags)

    def run_all(self, config):
        results = {}
        for number in list(self.kept):
            try:
                results[number] = self.run_fragment(self.made[config.name], number, self.inputs)
            except Ended as ended:
                self.find(number, f"ends with {ended.code}", ended.said, config)
        return results

    # Comparing.

    @staticmethod
    def precision(config, base):
        return "f64" if config.real == base.real == "f64" else "f32"

    def compare(self, config, base, results, expected):
        for number in list(self.kept):
            if number not in results or number not in expected:
                continue
            said = difference(results[number], expected[number], self.precision(config, base))
            if said and self.persists(self.program.text({number}), number, config, base):
                self.find(number, "differs", said, config, base)
            elif said:
                self.flips += 1

    def persists(self, text, number, config, base):
        """Whether two configurations differ for most inputs: one alone may lie at a jump of the function."""
        try:
            first = compile_program(self.nnc, text, config, self.folder, "first")
            second = compile_program(self.nnc, text, base, self.folder, "second")
        except Ended:
            return False
        return self.differs(text, number, first, second, self.precision(config, base))

    def differs(self, text, number, first, second, precision):
        times = 0
        for variant in (1, 2, 3):
            given = inputs.write_all(text, self.folder, variant)
            seed = [] if given else ["--seed", str(variant)]
            try:
                a, b = (self.run_fragment(made, number, given, *seed) for made in (first, second))
            except Ended:
                return False
            times += bool(difference(a, b, precision))
        self.write_inputs()
        return times >= 2

    def check_threads(self, results):
        for number in list(self.kept):
            for threads in "13":
                values = self.run_fragment(self.made[BASE.name], number, self.inputs, "--threads", threads)
                if said := unequal(values, results[number]):
                    self.find(number, "depends on threads", said, BASE)
                    break

    def check_values(self, results):
        """What is shown beside what Python computed."""
        for number, fragment in list(self.kept.items()):
            if fragment.mode != "entry" or number not in results:
                continue
            told = {t.name: t.values for t in fragment.results if t.values is not None and t.kind == "f32"}
            shown = {name: results[number][name] for name in told if name in results[number]}
            if said := difference(shown, {name: told[name] for name in shown}, "f64"):
                self.find(number, "is not what Python computes", said, self.wide)

    def check_gradients(self):
        """Gradients beside differences; a kink near one seed's values is none near those of others."""
        if self.wide.name not in self.made or not any(f.mode == "objective" for f in self.kept.values()):
            return
        try:
            wrong = wrong_gradients(self.made[self.wide.name], self.folder)
            for number in wrong.keys() & self.kept.keys():
                if all(number in wrong_gradients(self.made[self.wide.name], self.folder, seed) for seed in (1, 2)):
                    self.find(number, "gradient", "; ".join(wrong[number][:3]), self.wide)
                else:
                    self.flips += 1
        except Ended as ended:
            self.find(next(iter(self.kept)), f"check-grad ends with {ended.code}", ended.said, self.wide)

    # Making it small.

    def minimal(self, finding, tries):
        """The fragment's program, made small while it fails in the same way."""
        text = self.program.text({finding.number})
        fails = {"gradient": self.gradient_fails, "differs": self.difference_stays,
                 "depends on threads": self.threads_matter}.get(finding.kind)
        if fails is None:
            if finding.kind.startswith("compiler ends"):
                fails = self.compiler_ends
            elif finding.kind.startswith("ends"):
                fails = self.executable_ends
            else:
                return text
        def holds(candidate):
            try:
                return fails(candidate, finding)
            except (NameError, SyntaxError, ValueError, OSError, Ended):
                return False  # The text has lost something that a run needs.

        return minimise(text, holds, tries)

    def try_compile(self, text, config, stem):
        try:
            return compile_program(self.nnc, text, config, self.folder, stem)
        except Ended:
            return None

    def gradient_fails(self, text, finding):
        made = self.try_compile(text, finding.configs[0], "small")
        try:
            return made is not None and all(wrong_gradients(made, self.folder, seed) for seed in (0, 1, 2))
        except Ended:
            return False

    def difference_stays(self, text, finding):
        return self.persists(text, finding.number, *finding.configs)

    def threads_matter(self, text, finding):
        made = self.try_compile(text, BASE, "small")
        if made is None:
            return False
        given = inputs.write_all(text, self.folder)
        try:
            runs = [self.run_fragment(made, finding.number, given, "--threads", n) for n in ("1", "2", "3", "3")]
        except Ended:
            return False
        return any(unequal(run, runs[0]) for run in runs)

    def compiler_ends(self, text, finding):
        try:
            compile_program(self.nnc, text, finding.configs[0], self.folder, "small")
        except Ended as ended:
            return f"compiler ends with {ended.code}" == finding.kind
        return False

    def executable_ends(self, text, finding):
        made = self.try_compile(text, finding.configs[0], "small")
        if made is None:
            return False
        given = inputs.write_all(text, self.folder)
        try:
            self.run_fragment(made, finding.number, given)
        except Ended as ended:
            return f"ends with {ended.code}" == finding.kind
        return False
