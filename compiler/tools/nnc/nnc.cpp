// nnc: compiles a .nn file to an executable, or to any stage on the way.
#include "compiler/Driver/Driver.h"
#include "compiler/LLVM/Link.h"
#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Target/Target.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Signals.h"
#include <cstdlib>

namespace cl = llvm::cl;

namespace {
cl::OptionCategory category("nnc");

struct Flags {
  cl::opt<std::string> input{cl::Positional, cl::desc("FILE.nn"), cl::init(""), cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("Where to write; - is standard output"),
                              cl::value_desc("EXE"), cl::cat(category)};
  cl::opt<std::string> emit{"emit", cl::desc("Stop at a stage and write it"),
                            cl::value_desc("STAGE"), cl::init("exe"), cl::cat(category)};
  cl::opt<std::string> from{
      "from", cl::desc("FILE is the dump of this stage (a dump says it itself): go on from there"),
      cl::value_desc("STAGE"), cl::cat(category)};
  cl::list<std::string> defines{"D", cl::Prefix, cl::desc("Another value for a dim or const"),
                                cl::value_desc("NAME=VALUE"), cl::cat(category)};
  cl::opt<std::string> real{"real", cl::desc("Compute in f32 (default) or f64"), cl::init("f32"),
                            cl::cat(category)};
  cl::opt<std::string> cpu{"mcpu", cl::desc("CPU to compile for (default: this machine's)"),
                           cl::init("native"), cl::cat(category)};
  cl::opt<char> level{"O", cl::desc("-O0: no optimisation"), cl::Prefix, cl::init('2'),
                      cl::cat(category)};
  cl::list<std::string> noPass{
      "no-pass", cl::desc("Leave out an optimisation (may repeat; a wrong name lists them)"),
      cl::value_desc("PASS"), cl::cat(category)};
  cl::opt<std::string> memory{"memory-limit",
                              cl::desc("Bytes (K, M, G) that a scan may keep for its gradient; "
                                       "above, iterations are computed again"),
                              cl::value_desc("SIZE"), cl::cat(category)};
  cl::opt<bool> remarks{"remarks",
                        cl::desc("Say what each optimisation did, and why not, by source line"),
                        cl::cat(category)};
  cl::opt<std::string> dump{"dump-ir", cl::desc("Write one file per stage"), cl::value_desc("DIR"),
                            cl::cat(category)};
  cl::opt<std::string> report{"report", cl::desc("Print memory, params or flops"),
                              cl::value_desc("KIND"), cl::cat(category)};
  cl::opt<bool> compare{"compare-estimators",
                        cl::desc("Add gradients by every estimator, for grad-variance"),
                        cl::cat(category)};
  cl::opt<bool> time{"time", cl::desc("Print the time of each pass"), cl::cat(category)};
  cl::opt<bool> check{"check", cl::desc("Only check the source"), cl::cat(category)};
};

int complain(const llvm::Twine &text) {
  llvm::errs() << "nnc: " << text << "\n";
  return 1;
}

std::string stageNames() {
  std::string names;
  for (const nnc::StageInfo &info : nnc::allStages())
    names += (names.empty() ? "" : ", ") + info.name.str();
  return names;
}

/// Fills in the stages; prints what is wrong with the flags and returns false.
bool readStages(const Flags &flags, nnc::Invocation &invocation) {
  auto parse = [](llvm::StringRef name, llvm::StringRef text) {
    auto stage = nnc::parseStage(text);
    if (!stage)
      complain(name + ": no stage '" + text + "'; stages are " + stageNames());
    return stage;
  };
  if (flags.from.getNumOccurrences()) {
    invocation.from = parse("--from", flags.from.getValue());
    if (!invocation.from)
      return false;
    if (*invocation.from != nnc::Stage::ast && !nnc::isModuleStage(*invocation.from))
      return complain("--from: stage " + nnc::infoOf(*invocation.from).name +
                      " cannot be read back; use nn to llvm") == 0;
  }
  auto emit = parse("--emit", flags.emit.getValue());
  invocation.emit = emit.value_or(nnc::Stage::exe);
  return emit.has_value();
}

bool readPasses(const Flags &flags, nnc::Options &options) {
  for (const std::string &name : flags.noPass) {
    auto optimisation = nnc::parseOptimisation(name);
    if (!optimisation) {
      std::string all;
      for (const nnc::OptimisationInfo &info : nnc::allOptimisations())
        all += "\n  " + info.name.str() + ": " + info.does.str();
      return complain("--no-pass: no optimisation '" + name + "'; there are" + all) == 0;
    }
    options.leftOut.insert(*optimisation);
  }
  return true;
}

bool readDefines(const Flags &flags, nnc::Options &options) {
  for (llvm::StringRef define : flags.defines) {
    auto [name, value] = define.split('=');
    if (name.empty() || value.empty())
      return complain("-D: expected NAME=VALUE, found '" + define + "'") == 0;
    options.defines.emplace_back(name.str(), value.str());
  }
  return true;
}

/// Reads `64M`.
bool readMemoryLimit(const Flags &flags, nnc::Options &options) {
  llvm::StringRef text = flags.memory.getValue();
  if (text.empty())
    return true;
  size_t unit = llvm::StringRef("KMG").find(text.back());
  int64_t number = 0;
  if ((unit == llvm::StringRef::npos ? text : text.drop_back()).getAsInteger(10, number) ||
      number < 0 || number > (int64_t(1) << 32))
    return complain("--memory-limit: expected a size as 4096, 512K, 64M or 2G, found '" + text +
                    "'") == 0;
  options.memoryLimit = number << (unit == llvm::StringRef::npos ? 0 : 10 * (unit + 1));
  return true;
}

void printVersion(llvm::raw_ostream &out) { out << "nnc " NNC_VERSION "\n"; }

/// Whatever happens inside, a run ends with an exit code.
[[noreturn]] void giveUp(llvm::StringRef what) {
  llvm::errs() << "nnc: internal error: " << what
               << "; this is a fault of the compiler, not of the source\n";
  llvm::sys::RunInterruptHandlers(); // Removes files that are half written.
  std::_Exit(3);
}
} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::install_fatal_error_handler([](void *, const char *reason, bool) { giveUp(reason); });
  llvm::sys::AddSignalHandler([](void *) { giveUp("the compiler stopped"); }, nullptr);
  Flags flags;
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter(printVersion);
  cl::ParseCommandLineOptions(argc, argv, "nnc: from a model file to a native executable\n");
  nnc::Invocation invocation;
  if (flags.input.empty())
    return complain("no input file; try nnc --help");
  if (flags.real != "f32" && flags.real != "f64")
    return complain("--real: expected f32 or f64, found '" + flags.real + "'");
  invocation.report = nnc::parseReport(flags.report);
  if (!flags.report.empty() && !invocation.report)
    return complain("--report: expected memory, params or flops, found '" + flags.report + "'");
  if (!readStages(flags, invocation) || !readPasses(flags, invocation.options) ||
      !readDefines(flags, invocation.options) || !readMemoryLimit(flags, invocation.options))
    return 1;
  invocation.input = flags.input;
  invocation.output = flags.output;
  invocation.checkOnly = flags.check;
  if (auto reason = nnc::Target::refuse(flags.cpu.getValue()))
    return complain("--mcpu: " + *reason);
  invocation.options.cpu = flags.cpu;
  invocation.options.real64 = flags.real == "f64";
  invocation.options.optimize = flags.level != '0';
  invocation.options.remarks = flags.remarks;
  invocation.options.compareEstimators = flags.compare;
  invocation.options.dumpFolder = flags.dump;
  invocation.options.time = flags.time;
  std::string self =
      llvm::sys::fs::getMainExecutable(argv[0], reinterpret_cast<void *>(&printVersion));
  invocation.runtime = nnc::findRuntime(self);
  return nnc::runInvocation(invocation);
}
