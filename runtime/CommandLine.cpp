#include "runtime/CommandLine.h"
#include "runtime/Error.h"
#include "runtime/Show.h"
#include "runtime/Threads.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <unistd.h>

namespace nnrt {

namespace {

namespace fs = std::filesystem;

/// Builds CLI11's parser for one program and fills Options.
class Parser {
public:
  Parser(const Program &program, Options &options) : program(program), options(options) {
    app.description(program.name + ": a program compiled by nnc (" +
                    std::string(nameOf(program.real)) + ", " + program.features + ")");
    app.require_subcommand(0, 1);
    for (const Command &command : program.commands)
      addTrain(command);
    addEval();
    for (const Entry &entry : program.entries)
      addEntry(entry);
    common(add("info", "parameters, memory and functions", Options::Kind::Info));
    CLI::App *check =
        add("check-grad", "compare gradients with finite differences", Options::Kind::CheckGrad);
    sources(check);
    flag(check, "--resume", options.resume, "check at the checkpoint, not at the initial values");
    common(check);
    CLI::App *variance = add("grad-variance", "mean and variance of gradients over draws",
                             Options::Kind::GradVariance);
    sources(variance);
    option(variance, "--samples", options.samples, "draws of each estimator [200]", "N");
    option(variance, "--checkpoint", options.checkpoint, "last, best, or a file", "NAME");
    common(variance);
    CLI::App *mock =
        add("mock-data", "write random data files of the right form", Options::Kind::MockData);
    option(mock, "--rows", options.rows, "rows in each file", "N");
    common(mock);
  }

  void parse(int argc, char **argv) {
    if (argc < 2)
      fail(Exit::Usage, "expected a command: {}", fmt::format("{}", fmt::join(names(), ", ")));
    checkCommand(argv[1]);
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
      CLI::App *sub = app.get_subcommands().empty() ? &app : app.get_subcommands()[0];
      fmt::print("{}", sub->help(""));
      options.kind = Options::Kind::Help;
      return;
    } catch (const CLI::ParseError &error) {
      fail(Exit::Usage, "{}", error.what());
    }
    CLI::App *sub = app.get_subcommands()[0];
    checkExtras(*sub);
    options.kind = kinds.at(sub);
    options.command = sub->get_name();
  }

private:
  CLI::App *add(const std::string &name, const std::string &doc, Options::Kind kind) {
    CLI::App *sub = app.add_subcommand(name, doc);
    // Unknown flags are collected so that the error can propose the nearest one.
    sub->allow_extras();
    sub->set_help_flag("--help", "this text");
    kinds[sub] = kind;
    return sub;
  }

  /// Adds an option unless the program's own flags took its name.
  template <typename T>
  void option(CLI::App *sub, const std::string &name, T &value, const std::string &doc,
              const std::string &type) {
    if (!sub->get_option_no_throw(name))
      sub->add_option(name, value, doc)->type_name(type);
  }
  void flag(CLI::App *sub, const std::string &name, bool &value, const std::string &doc) {
    if (!sub->get_option_no_throw(name))
      sub->add_flag(name, value, doc);
  }
  void text(CLI::App *sub, const std::string &name, std::map<std::string, std::string> &values,
            const std::string &doc, const std::string &type) {
    std::string path = "--" + name;
    if (name.empty() || sub->get_option_no_throw(path))
      return;
    sub->add_option_function<std::string>(
           path, [&values, name](const std::string &value) { values[name] = value; }, doc)
        ->type_name(type);
  }

  void programFlags(CLI::App *sub, const std::vector<Flag> &flags) {
    for (const Flag &flag : flags) {
      std::string type = !flag.vocab.empty()   ? "TEXT"
                         : !flag.shape.empty() ? "FILE"
                                               : std::string(nameOf(flag.dtype));
      std::string doc = flag.doc;
      if (!flag.shape.empty() && flag.vocab.empty())
        doc += (doc.empty() ? "" : " ") + toString(flag.shape) + " as npy, csv or png";
      if (flag.defaultText)
        doc += fmt::format("{}[{}]", doc.empty() ? "" : " ", *flag.defaultText);
      else
        doc += doc.empty() ? "required" : " (required)";
      text(sub, flag.name, options.flags, doc, type);
    }
  }

  void sources(CLI::App *sub) {
    auto add = [&](const std::string &flag, const std::string &path) {
      text(sub, flag, options.files, fmt::format("[{}]", path), "FILE");
    };
    for (const DataDecl &decl : program.data)
      for (const auto *list : {&decl.sources, &decl.holdoutSources})
        for (const Source &source : *list)
          for (const SourceItem &item : source.items)
            add(item.flag, item.path);
    for (const VocabDecl &vocab : program.vocabs)
      for (const VocabSource &source : vocab.sources)
        add(source.flag, source.path);
    for (const auto *list : {&program.params, &program.states})
      for (const ParamDecl &param : *list)
        add(param.fromFlag, param.fromPath);
  }

  void common(CLI::App *sub) {
    option(sub, "--threads", options.threads, fmt::format("threads [{}]", options.threads), "N");
    option(sub, "--seed", options.seed, "seed of initial values, draws and data order [0]", "N");
    option(sub, "--run", options.runFolder,
           "folder of checkpoints and metrics [" + options.runFolder + "]", "DIR");
    option(sub, "--data-dir", options.dataDir, "folder to look for data files in first", "DIR");
    option(sub, "--checkpoint", options.checkpoint, "last, best, or a file [last]", "NAME");
    flag(sub, "--json", options.json, "print values as JSON records");
  }

  void addTrain(const Command &command) {
    CLI::App *sub = add(command.name, "train the program's parameters", Options::Kind::Train);
    programFlags(sub, command.flags);
    sources(sub);
    flag(sub, "--resume", options.resume, "go on from the checkpoint");
    option(sub, "--log-every", options.logEvery, "steps between records in metrics.jsonl [1]", "N");
    option(sub, "--save-every", options.saveEvery,
           "steps between checkpoints [at validations, every 5 minutes and at the end]", "N");
    common(sub);
  }

  void addEval() {
    CLI::App *sub = add("eval", "judge every objective on the held-out rows", Options::Kind::Eval);
    sources(sub);
    option(sub, "--rows", options.evalRows, "held-out rows to judge, evenly spread [all]", "N");
    common(sub);
  }

  void addEntry(const Entry &entry) {
    CLI::App *sub = add(entry.name, entry.doc.empty() ? "entry" : entry.doc, Options::Kind::Entry);
    programFlags(sub, entry.flags);
    if (entry.data)
      sources(sub);
    common(sub);
    for (const ShowDecl &show : entry.shows)
      text(sub, show.result, options.outputs,
           "file for the shown value [" +
               (show.kind == ShowDecl::Kind::Print
                    ? "standard output"
                    : show.name + std::string(extensionOf(show.kind))) +
               "]",
           "FILE");
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const CLI::App *sub : app.get_subcommands(nullptr))
      result.push_back(sub->get_name());
    return result;
  }

  void checkCommand(const std::string &word) const {
    std::vector<std::string> known = names();
    bool found = std::find(known.begin(), known.end(), word) != known.end();
    if (found || word == "--help" || word == "-h")
      return;
    auto guess = nearest(word, known);
    fail(Exit::Usage, "unknown command '{}'{}: expected {}", word,
         guess ? fmt::format(", did you mean '{}'?", *guess) : "", fmt::join(known, ", "));
  }

  void checkExtras(CLI::App &sub) const {
    std::vector<std::string> extras = sub.remaining();
    if (extras.empty())
      return;
    std::string word = extras[0].substr(0, extras[0].find('='));
    if (!word.starts_with("--"))
      fail(Exit::Usage, "{}: expected a flag, found '{}'", sub.get_name(), extras[0]);
    std::vector<std::string> flags;
    for (const CLI::Option *option : sub.get_options())
      flags.push_back(option->get_name());
    auto guess = nearest(word, flags);
    fail(Exit::Usage, "{}: unknown flag '{}'{}", sub.get_name(), word,
         guess ? fmt::format(", did you mean '{}'?", *guess)
               : fmt::format(": see {} --help", sub.get_name()));
  }

  const Program &program;
  Options &options;
  CLI::App app;
  std::map<const CLI::App *, Options::Kind> kinds;
};

/// The executable's own path, whatever it was called as.
std::string ownPath(const char *argument) {
  char buffer[4096];
  ssize_t n = readlink("/proc/self/exe", buffer, sizeof buffer);
  return n > 0 ? std::string(buffer, size_t(n)) : fs::absolute(argument).string();
}

} // namespace

std::optional<std::string> nearest(const std::string &word,
                                   const std::vector<std::string> &candidates) {
  size_t best = std::max<size_t>(word.size() / 3, 1) + 1;
  std::optional<std::string> found;
  for (const std::string &candidate : candidates) {
    // Edit distance, where swapping two neighbours counts once.
    size_t n = word.size(), m = candidate.size();
    std::vector<std::vector<size_t>> d(n + 1, std::vector<size_t>(m + 1));
    for (size_t i = 0; i <= n; ++i)
      for (size_t j = 0; j <= m; ++j) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1,
                            d[i - 1][j - 1] + (word[i - 1] != candidate[j - 1])});
        if (i > 1 && j > 1 && word[i - 1] == candidate[j - 2] && word[i - 2] == candidate[j - 1])
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    if (d[n][m] < best) {
      best = d[n][m];
      found = candidate;
    }
  }
  return found;
}

Options parseCommandLine(const Program &program, int argc, char **argv) {
  Options options;
  options.executable = ownPath(argv[0]);
  options.threads = usableCores();
  options.runFolder = options.executable + ".run";
  Parser(program, options).parse(argc, argv);
  if (options.threads < 1 || options.threads > 1024)
    fail(Exit::Usage, "--threads: expected 1 to 1024, found {}", options.threads);
  if (options.logEvery < 1)
    fail(Exit::Usage, "--log-every: expected at least 1, found {}", options.logEvery);
  if (options.saveEvery < 0)
    fail(Exit::Usage, "--save-every: expected at least 0, found {}", options.saveEvery);
  if (int64_t rows = options.evalRows.value_or(options.rows); rows < 1)
    fail(Exit::Usage, "--rows: expected at least 1, found {}", rows);
  return options;
}

} // namespace nnrt
