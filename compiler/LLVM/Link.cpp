/// The executable: object files and the runtime, by the system's linker.
#include "compiler/LLVM/Link.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

namespace nnc {

std::string findRuntime(llvm::StringRef toolPath) {
  llvm::SmallString<256> path(llvm::sys::path::parent_path(llvm::sys::path::parent_path(toolPath)));
  llvm::sys::path::append(path, "lib", "libnnrt.a");
  return std::string(path);
}

/// The first C compiler driver of the system, any version: it knows where libc and libstdc++ are.
static std::string findCompiler() {
  for (const char *name : {"cc", "gcc", "clang", "clang-22"})
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  return "";
}

llvm::Error linkExecutable(llvm::ArrayRef<std::string> objects, llvm::StringRef runtime,
                           llvm::StringRef executable) {
  auto fail = [](const llvm::Twine &text) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
  };
  std::string compiler = findCompiler();
  if (compiler.empty())
    return fail(
        "no C compiler (cc, gcc or clang) was found to link with; --emit=object stops before");
  if (!llvm::sys::fs::exists(runtime))
    return fail("the runtime library '" + runtime + "' is missing; build target nnrt");
  llvm::SmallString<128> log;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("nnc-link", "log", log))
    return fail("cannot make a temporary file: " + error.message());
  llvm::SmallVector<llvm::StringRef> arguments{compiler};
  arguments.append(objects.begin(), objects.end());
  arguments.append({runtime, "-o", executable, "-lstdc++", "-lm", "-lpthread", "-pie",
                    "-Wl,--gc-sections", "-Wl,-z,relro,-z,now"});
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""), llvm::StringRef(log),
                                                llvm::StringRef(log)};
  std::string message;
  int status =
      llvm::sys::ExecuteAndWait(compiler, arguments, std::nullopt, redirects, 0, 0, &message);
  std::string output;
  if (auto buffer = llvm::MemoryBuffer::getFile(log))
    output = (*buffer)->getBuffer().str();
  llvm::sys::fs::remove(log);
  if (status != 0)
    return fail("linking failed: " + message + "\n" + output);
  return llvm::Error::success();
}

} // namespace nnc
