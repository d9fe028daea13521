/// Finds the kernel that first makes a number that is not finite.
#ifndef NNC_RUNTIME_TRAIN_FINITEWATCH_H
#define NNC_RUNTIME_TRAIN_FINITEWATCH_H

#include "runtime/base/Threads.h"
#include "runtime/program/Program.h"

namespace nnrt {

/// Looks at what each launch reads and writes. A launch is found that writes an infinity or NaN and
/// has read neither; a later one that writes the first NaN is found too, as an infinity alone may
/// be meant (a mask), and NaN never is.
class FiniteWatch : public nnrt_watch {
public:
  /// `launches` is the text that the compiler made of the program's launches.
  FiniteWatch(DType real, const char *launches);

  void before(int64_t launch, void *const *args) override;
  void after(int64_t launch, void *const *args) override;

  /// "first infinite in mlp.nn:12 (kernel exp), first NaN in mlp.nn:13 (kernel sub)"; empty if no
  /// kernel was found.
  std::string finding() const;

private:
  struct Contents {
    bool infinite = false, nan = false;
  };
  /// What the buffers hold that a launch uses in one of these ways.
  Contents look(int64_t launch, void *const *args, std::string_view uses) const;

  const KernelUse &kernelOf(int64_t launch) const;

  DType real;
  LaunchTable launches;
  Contents read;
  std::optional<int64_t> firstInfinite, firstNan;
};

} // namespace nnrt

#endif
