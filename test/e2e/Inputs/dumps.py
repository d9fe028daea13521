"""usage: dumps.py NNC PROGRAM: dumps under the name of another stage, and dumps that were edited badly, are refused in words.

Nothing ends with a signal or with the exit code of a compiler's fault, and each edit names what is wrong with it.
"""
import re
import subprocess
import sys

nnc, program = sys.argv[1:]
stages = ["nn", "raised", "estimated", "differentiated", "fused", "buffers", "loops", "llvm"]


def run(*args):
    done = subprocess.run([nnc, *args], capture_output=True, text=True, errors="replace")
    assert done.returncode in (0, 1), (args, done.returncode, done.stderr[-2000:])
    return done


def compile_text(text, *args):
    with open("edited.mlir", "w") as out:
        out.write(text)
    return run("edited.mlir", *args)


dumps = {}
for stage in ["ast", *stages]:
    dumps[stage] = run("--emit=" + stage, program, "-o", "-").stdout
    assert dumps[stage].startswith(f"// nnc dump: stage {stage}\n"), dumps[stage][:100]

refused = compile_text(dumps["ast"], "-o", "x")
assert refused.returncode == 1 and "is a dump of stage ast, which cannot be read back" in refused.stderr, refused.stderr

for have in stages:
    assert compile_text(dumps[have], "--emit=object", "-o", "x.o").returncode == 0, have
    bare = dumps[have].partition("\n")[2]
    for want in stages:
        if want == have:
            assert compile_text(bare, "--from=" + want, "--emit=object", "-o", "x.o").returncode == 0, have
            continue
        refused = compile_text(dumps[have], "--from=" + want, "-o", "x")
        assert refused.returncode == 1 and f"is a dump of stage {have}, not {want}" in refused.stderr, refused.stderr
        compile_text(bare, "--from=" + want, "--emit=object", "-o", "x.o")
    if have != "nn":
        refused = compile_text(dumps[have], "--emit=nn", "-o", "x")
        assert refused.returncode == 1 and f"--emit=nn is a stage before {have}" in refused.stderr, refused.stderr

# stage, what is written instead of the first match, what the message says
edits = [
    ("nn", r'\{learn\.kind = #learn\.kind<[a-z]+>, learn\.name = "[^"]*"\}', "", "has no learn.kind"),
    ("nn", r"nn\.contract (%\S+) \[0, 1\], (%\S+) \[1, 2\]", r"nn.contract \1 [0, 1], \2 [0, 2]", "label"),
    ("nn", r"dump: stage nn", "dump: stage fused", "does not stand here in a dump of stage fused"),
    ("raised", r"tensor<(\d+)xf32>", r"tensor<?xf32>", ""),
    ("estimated", r"dump: stage estimated", "dump: stage differentiated", "'learn.gradient' does not stand here"),
    ("estimated", r"nn\.random normal", "nn.random nonsense", ""),
    ("nn", r"gradient @grad\.0", "gradient @update.0", "may not have a value of kind"),
    ("raised", r"over \[", "over 3 [", ""),
    ("estimated", r"learn\.param @", "learn.state @", "is none of the program"),
    ("differentiated", r"reads \[#learn\.input<\w+", "reads [#learn.input<line", ""),
    ("buffers", r"update @update\.0", "update @no.update", "is no function of the module"),
    ("fused", r'" contraction ', '" nonsense ', "one of the following enum values for attribute"),
    ("fused", r'" elementwise ', '" sort ', "must yield"),
    ("fused", r'" elementwise ', '" put ', "must yield"),
    ("fused", r'" elementwise ', '" attention ', "of family attention must yield"),
    ("fused", r'" elementwise ', '" attention_grad ', "of family attention_grad must yield"),
    ("fused", r'" elementwise ', '" cumulative ', ""),
    ("fused", r'" elementwise ', '" scatter ', ""),
    ("fused", r'" contraction ', '" row ', ""),
    ("buffers", r'" elementwise ', '" sort ', "of family sort must yield"),
    ("buffers", r'" contraction ', '" attention ', "of family attention must yield"),
    ("buffers", r"nn\.(tanh|exp|neg|sqrt) (%\S+)", r"nn.softmax \2 axis 0", "does not stand in a kernel"),
    ("buffers", r"nn\.arena_bytes = \d+ : i64(, )?", "", "has nn.arena_bytes"),
    ("buffers", r'\{learn\.kind = #learn\.kind<seed>, learn\.name = "[^"]*"\}', "", "no buffer with learn.kind"),
    ("loops", r"sched\.launch (%\S+) @kernel_\d+", r"sched.launch \1 @init.params", ""),
    ("loops", r"tasks \d+", "tasks -1", "'tasks' failed to satisfy constraint"),
    ("loops", r'nn\.kernel = "[^"]*"(, )?', "", ""),
    ("llvm", r"init\.params", "init.other", ""),
    ("llvm", r"llvm\.mlir\.global external constant @nn_functions", "llvm.mlir.global external constant @nn_other", ""),
]
for stage, pattern, other, message in edits:
    edited = re.sub(pattern, other, dumps[stage], count=1)
    done = compile_text(edited, "--emit=object", "-o", "x.o")
    if message:
        assert done.returncode == 1 and message in done.stderr, (stage, pattern, other, done.stderr[:2000])
    # Without a whole attribute or op too.
    for match in list(re.finditer(pattern, dumps[stage]))[:3]:
        compile_text(dumps[stage][:match.start()] + dumps[stage][match.end():], "--emit=object", "-o", "x.o")
