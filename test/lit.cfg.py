"""lit's configuration: tests are .nn and .mlir files with RUN lines, in folders that mirror the sources."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(config.nnc_source_dir, "test"))
from quoted import QuotedShTest

config.name = "nnc"
config.test_format = QuotedShTest()
config.suffixes = [".nn", ".mlir", ".test"]
config.excludes = ["programs", "Inputs", "parity", "benchmark"]
config.test_source_root = os.path.join(config.nnc_source_dir, "test")
config.test_exec_root = os.path.join(config.nnc_build_dir, "test")

tools = os.path.join(config.nnc_build_dir, "bin")
config.environment["PATH"] = os.pathsep.join([tools, config.llvm_tools_dir, config.environment["PATH"]])
for name in ("HOME", "NN_DATA", "ASAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# %nnc, %nn-opt: the tools; %source: the checkout; quoted as well.
config.substitutions.append(("%nn-opt", f'"{os.path.join(tools, "nn-opt")}"'))
config.substitutions.append(("%nnc", f'"{os.path.join(tools, "nnc")}"'))
config.substitutions.append(("%source", f'"{config.nnc_source_dir}"'))
config.substitutions.append(("%examples", f'"{os.path.join(config.nnc_source_dir, "examples")}"'))

# %numpy-python: a Python that has NumPy; Debian's, if the first one in the path is another.
for python in ("python3", "/usr/bin/python3"):
    if subprocess.run([python, "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode == 0:
        config.substitutions.append(("%numpy-python", python))
        config.available_features.add("numpy")
        break

with open("/proc/cpuinfo") as info:
    flags = info.read()
if "avx512f" in flags and "avx512vl" in flags:
    config.available_features.add("avx512")
if "avx2" in flags and "fma" in flags:
    config.available_features.add("avx2")

try:
    for descriptor in os.openpty():
        os.close(descriptor)
    config.available_features.add("terminal")
except OSError:  # /dev/pts is not mounted
    pass
