/// Chooses tiles, blocks, packs and tasks of a matrix product.
#include "compiler/Emit/Gemm/CostModel.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nnc {
namespace {

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }
/// n in equal parts of about `block` or less, each a multiple of `unit`.
constexpr int64_t evenPart(int64_t n, int64_t block, int64_t unit) {
  return std::min(n, roundUp(ceilDiv(n, ceilDiv(n, block)), unit));
}

/// Sums of less work than this are not worth a task of their own.
constexpr double kTaskFlops = 1e6;
/// Beyond four tasks each must have this much.
constexpr double kLargeTaskFlops = 128e6;
constexpr int64_t kLine = 64;
/// Rows of B that a product of one row of A goes through side by side.
constexpr int64_t kSumsOfOneRow = 16;

class Planner {
public:
  Planner(const GemmFacts &facts, const Target &target)
      : facts(facts), target(target), lanes(target.lanesOfBytes(facts.elementBytes)) {}

  GemmPlan run() {
    // More tasks feed more cores, as long as repeated packing stays cheap.
    GemmPlan best;
    double bestWork = INFINITY;
    for (int64_t tasks = 1; tasks <= mostTasks(); tasks *= 2) {
      auto [plan, work] = cheapest(tasks);
      const double worth = tasks == 2 ? 1.5 : 1.03;
      if (work <= bestWork * worth)
        best = plan, bestWork = std::min(work, bestWork);
    }
    finish(best);
    return best;
  }

private:
  struct Tile {
    int64_t mr, nv;
  };

  /// Rows outer: the accumulators, nv vectors of B and one broadcast must fit the registers. Few
  /// rows leave registers for wider tiles, which keep the pipeline full and the reads long.
  std::vector<Tile> tiles() const {
    const int64_t registers = target.vectorRegisters;
    std::vector<Tile> result;
    for (int64_t nv : {3, 2})
      result.push_back({std::max<int64_t>(1, (registers - 1 - nv) / nv / 2 * 2), nv});
    for (int64_t nv : {4, 6, 8}) {
      const int64_t mr = (registers - 1 - nv) / nv;
      if (mr >= 1 && facts.m <= mr)
        result.push_back({facts.m, nv});
    }
    return result;
  }

  /// About as many tasks as the work allows.
  int64_t mostTasks() const {
    const double flops = 2.0 * facts.m * facts.n * facts.k;
    int64_t tasks = 1;
    while (2 * tasks * facts.copies <= 4 && flops / (2 * tasks) >= kTaskFlops)
      tasks *= 2;
    while (tasks >= 4 && tasks < target.cores && flops / (2 * tasks) >= kLargeTaskFlops)
      tasks *= 2;
    return tasks;
  }

  /// The best form for a number of tasks, and its cycles over all of them.
  std::pair<GemmPlan, double> cheapest(int64_t tasks) const {
    GemmPlan best;
    double bestWork = INFINITY;
    for (int64_t tasksM = 1; tasksM <= tasks; tasksM *= 2)
      for (auto [mr, nv] : tiles()) {
        GemmPlan plan;
        plan.lanes = lanes, plan.mr = std::min(mr, facts.m), plan.nv = nv;
        if (!share(plan, tasksM, tasks / tasksM))
          continue;
        choosePacks(plan);
        chooseBlocks(plan);
        const double work = cost(plan) * tasks;
        if (work < bestWork * 0.999)
          best = plan, bestWork = work;
      }
    return {best, bestWork};
  }

  /// Rows and columns of a task; false if the split leaves a task without work.
  bool share(GemmPlan &plan, int64_t tasksM, int64_t tasksN) const {
    auto part = [](int64_t total, int64_t tasks, int64_t panel, const FactorFacts &factor,
                   int64_t line) {
      if (tasks == 1)
        return total;
      const bool runs = factor.contiguous == FactorFacts::Contiguous::Outer && factor.run < total;
      const int64_t unit = runs ? factor.run : total % (tasks * line) == 0 ? line : panel;
      return std::min(total, roundUp(ceilDiv(total, tasks), unit));
    };
    plan.taskRows = part(facts.m, tasksM, plan.mr, facts.a, 1);
    plan.taskColumns = part(facts.n, tasksN, plan.nr(), facts.b, lanes);
    plan.tasksM = ceilDiv(facts.m, plan.taskRows);
    plan.tasksN = ceilDiv(facts.n, plan.taskColumns);
    return plan.tasksM == tasksM && plan.tasksN == tasksN;
  }

  /// Whether one B panel of a reasonable length fits the first cache: the narrow tiles of few
  /// registers.
  bool panelOfBInL1() const { return longestPanel(3 * lanes) >= 256; }
  int64_t longestPanel(int64_t nr) const {
    return 3 * target.l1Bytes / 4 / (facts.elementBytes * nr);
  }

  void choosePacks(GemmPlan &plan) const {
    using Contiguous = FactorFacts::Contiguous;
    const bool runsA = facts.a.contiguous == Contiguous::Outer && facts.a.run < facts.m;
    const bool runsB = facts.b.contiguous == Contiguous::Outer && facts.b.run < facts.n;
    const bool readableB = facts.b.direct && facts.b.contiguous == Contiguous::Outer && !runsB;
    const bool transposedA = facts.a.contiguous == Contiguous::Outer;
    plan.packB = !readableB || plan.taskRows >= 8 * lanes;
    plan.packA =
        !facts.a.direct || transposedA || (panelOfBInL1() && plan.taskColumns > 8 * plan.nr());
    plan.rowsA = plan.packA && runsA && facts.a.run > 1;
    plan.rowsB = plan.packB && runsB && facts.b.run > 1;
  }

  void chooseBlocks(GemmPlan &plan) const {
    const int64_t bytes = facts.elementBytes, nr = plan.nr();
    plan.columnsOuter = panelOfBInL1();
    if (plan.columnsOuter) { // the B panel stays in the first cache, A blocks in the second
      plan.kc = evenPart(facts.k, std::clamp<int64_t>(longestPanel(nr), 256, 384), 8);
      plan.mc = evenPart(plan.taskRows, std::max(plan.mr, target.l2Bytes / 4 / (bytes * plan.kc)),
                         plan.mr);
      plan.nc = evenPart(plan.taskColumns, 1536, nr);
    } else { // the A panel stays in the first cache, the B block in the second
      const int64_t block = 3 * target.l2Bytes / 4;
      plan.mc = plan.taskRows;
      if (plan.packB) {
        plan.kc = evenPart(facts.k, longestSumBlock(plan), 8);
        plan.nc =
            evenPart(plan.taskColumns,
                     std::clamp(block / (bytes * plan.kc) / nr, int64_t(1), int64_t(8)) * nr, nr);
      } else {
        plan.kc = facts.k;
        plan.nc = evenPart(plan.taskColumns,
                           std::max<int64_t>(3, block / (bytes * plan.kc) / nr) * nr, nr);
      }
      plan.sumOutermost = plan.packA;
    }
    plan.prefetchC = true;
    plan.prefetchNextRows = !plan.packA && !plan.columnsOuter;
    plan.prefetchNextColumns = !plan.packB && plan.taskRows <= 2 * lanes && plan.columnsOuter;
    if (plan.taskRows == 1 && !plan.packB) { // B is read once: in the order in which it lies
      plan.kc = std::min(facts.k, kSumsOfOneRow);
      plan.nc = plan.taskColumns;
      plan.sumOutermost = true;
      plan.prefetchNextColumns = false;
    }
    if (!facts.canCutSum)
      plan.kc = facts.k;
    plan.kc = respectRun(plan.kc);
    if (plan.rowsA)
      plan.mc = wholeRuns(plan.taskRows, facts.a.run, plan.mc);
    if (plan.rowsB)
      plan.nc = wholeRuns(plan.taskColumns, facts.b.run, plan.nc);
    if (plan.sumOutermost)
      plan.mc = plan.taskRows;
  }

  /// Where the A panel is read from the first cache the sum is as long as that holds; one unit can
  /// wait for the second.
  int64_t longestSumBlock(const GemmPlan &plan) const {
    const int64_t bytes = facts.elementBytes;
    return target.fmaPerCycle > 1
               ? std::max<int64_t>(256, 3 * target.l1Bytes / 4 / (bytes * plan.mr) / 8 * 8)
               : 3 * target.l2Bytes / 4 / (bytes * plan.nr()) / 8 * 8;
  }

  /// The largest number of whole runs up to `block` (one at least) that divides the total.
  static int64_t wholeRuns(int64_t total, int64_t run, int64_t block) {
    const int64_t runs = total / run;
    int64_t best = 1;
    for (int64_t d = 1; d <= runs; ++d)
      if (runs % d == 0 && d * run <= block)
        best = d;
    return best * run;
  }

  /// Cuts the sum where the runs of both factors end, or within one run evenly; and never leaves a
  /// last block shorter than a vector.
  int64_t respectRun(int64_t wanted) const {
    if (wanted == facts.k)
      return wanted;
    auto fits = [&](int64_t kc) {
      for (const FactorFacts *factor : {&facts.a, &facts.b}) {
        const int64_t run = factor->run;
        if (factor->contiguous == FactorFacts::Contiguous::Sum && run < facts.k && kc % run &&
            run % kc)
          return false;
      }
      return facts.k % kc == 0 || facts.k % kc >= lanes;
    };
    for (int64_t kc = wanted; kc >= wanted / 4; --kc)
      if (fits(kc))
        return kc;
    for (int64_t kc = wanted; kc < facts.k; ++kc)
      if (fits(kc))
        return kc;
    return facts.k;
  }

  //===--------------------------------------------------------------------===//
  // Cycles of the longest task
  //===--------------------------------------------------------------------===//

  double tileCycles(int64_t mr, int64_t nv) const {
    return std::max(
        {double(mr * nv) / target.fmaPerCycle, double(target.fmaLatency), double(mr + nv) / 2});
  }

  /// Cycles of one sum index over a task, exact tails included.
  double cover(const GemmPlan &plan) const {
    double total = 0;
    const int64_t tailRows = plan.taskRows % plan.mr;
    const int64_t vectors = ceilDiv(plan.taskColumns, lanes), tailVectors = vectors % plan.nv;
    auto column = [&](int64_t nv) {
      double sum = double(plan.taskRows / plan.mr) * tileCycles(plan.mr, nv);
      return sum + (tailRows ? tileCycles(tailRows, nv) : 0);
    };
    total = double(vectors / plan.nv) * column(plan.nv);
    return total + (tailVectors ? column(tailVectors) : 0);
  }

  double cost(const GemmPlan &plan) const {
    const double perElement = 12.0 / lanes; // measured: 0.7 cycles at 16 lanes, memory included
    double packs = 0;
    if (plan.packB)
      packs += double(facts.k) * plan.taskColumns;
    else if (facts.k * plan.taskColumns * facts.elementBytes > target.l2Bytes)
      packs += 1.5 * double(facts.k) * plan.taskColumns; // from afar, in short pieces
    if (plan.packA)
      packs += double(facts.k) * plan.taskRows *
               (plan.sumOutermost ? 1 : ceilDiv(plan.taskColumns, plan.nc));
    else // each column block reads A again
      packs += 0.25 * double(facts.k) * plan.taskRows * ceilDiv(plan.taskColumns, plan.nc);
    // An unpacked B whose tile rows are not whole lines touches lines twice.
    const bool split = !plan.packB && plan.nr() * facts.elementBytes % kLine;
    const double loads = double(plan.mr + plan.nv) / (plan.mr * plan.nv);
    return double(facts.k) * cover(plan) * (1 + 0.3 * loads) * (split ? 1.25 : 1) +
           perElement * packs;
  }

  void finish(GemmPlan &plan) const {
    while (plan.kc < facts.k && plan.kc % plan.unroll)
      plan.unroll /= 2;
  }

  const GemmFacts &facts;
  const Target &target;
  const int64_t lanes;
};

} // namespace

int64_t GemmPlan::rowStride(int64_t block) const {
  const int64_t vectors = ceilDiv(block, lanes);
  return (vectors | 1) * lanes;
}

int64_t GemmPlan::packedElementsA() const {
  if (!packA)
    return 0;
  return (rowsA ? rowStride(mc) : roundUp(mc, mr) + mr) * kc;
}

int64_t GemmPlan::packedElementsB() const {
  if (!packB)
    return 0;
  return (rowsB ? rowStride(nc) : roundUp(nc, lanes) + nr()) * kc;
}

GemmPlan planGemm(const GemmFacts &facts, const Target &target) {
  return Planner(facts, target).run();
}

} // namespace nnc
