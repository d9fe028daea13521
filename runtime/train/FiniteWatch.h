/// Finds the kernel that first makes a number that is not finite.
#ifndef NNC_RUNTIME_TRAIN_FINITEWATCH_H
#define NNC_RUNTIME_TRAIN_FINITEWATCH_H

#include "runtime/base/Threads.h"
#include "runtime/base/Types.h"

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
  /// What a kernel does to its buffers, one entry each.
  struct Kernel {
    std::string name;
    std::string uses;            ///< r: read, w: written, x: both
    std::vector<int64_t> counts; ///< of real numbers; 0 for other types
    bool infinite = false;       ///< the source wrote an infinity here
  };
  /// A place in the program where a kernel is launched.
  struct Launch {
    size_t kernel = 0;
    std::string lines; ///< of the source
  };
  /// What the buffers hold that a launch uses in one of these ways.
  Contents look(int64_t launch, void *const *args, std::string_view uses) const;

  DType real;
  std::vector<Kernel> kernels;
  std::vector<Launch> launches;
  Contents read;
  std::optional<int64_t> firstInfinite, firstNan;
};

} // namespace nnrt

#endif
