/// Commands, their flags and help, made from the program.
#include "runtime/commands/CommandLine.h"
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
#include "runtime/base/Threads.h"
#include "runtime/session/Show.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <functional>
#include <set>
#include <unistd.h>

namespace nnrt {

namespace {

namespace fs = std::filesystem;

/// A flag of a command: what it is called, and what it does with its value.
struct FlagSpec {
  std::string name; ///< without the dashes
  std::string type; ///< of the value, for help; empty: there is none
  std::string doc;
  std::function<void(const std::string &)> set;
};

struct CommandSpec {
  std::string name, doc;
  Options::Kind kind;
  std::vector<FlagSpec> flags;

  const FlagSpec *find(std::string_view flag) const {
    for (const FlagSpec &candidate : flags)
      if (candidate.name == flag)
        return &candidate;
    return nullptr;
  }
};

int64_t parseInteger(const std::string &flag, const std::string &text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    fail(Exit::Usage, "--{}: expected an integer, found '{}'", flag, text);
  return value;
}

CheckpointName checkpointNamed(const std::string &text) {
  if (text == "last")
    return Saved::Last;
  if (text == "best")
    return Saved::Best;
  if (text == "previous")
    return Saved::Previous;
  return text;
}

/// "  --lr f32    learning rate [0.1]", aligned in two columns.
std::string table(const std::vector<std::pair<std::string, std::string>> &lines) {
  size_t width = 0;
  for (auto &[left, right] : lines)
    width = std::max(width, std::min<size_t>(left.size(), 28));
  std::string out;
  for (auto &[left, right] : lines)
    out += fmt::format("  {:<{}}  {}\n", left, width, right);
  return out;
}

/// The commands of one program with their flags; fills Options.
class Parser {
public:
  Parser(const Program &program, Options &options) : program(program), options(options) {
    for (const Command &command : program.commands)
      addTrain(command);
    CommandSpec &eval = add("eval", "judge every objective on the held-out rows", Kind::Eval);
    sources(eval);
    addFlag(eval, {"rows", "N", "held-out rows to judge, evenly spread [all]",
                   [&judged = options.evalRows](const std::string &text) {
                     judged = parseInteger("rows", text);
                   }});
    common(eval);
    for (const Entry &entry : program.entries)
      addEntry(entry);
    common(add("info", "parameters, memory and functions", Kind::Info));
    CommandSpec &check =
        add("check-grad", "compare gradients with finite differences", Kind::CheckGrad);
    sources(check);
    flag(check, "resume", options.resume, "check at the checkpoint, not at the initial values");
    common(check);
    CommandSpec &variance =
        add("grad-variance", "mean and variance of gradients over draws", Kind::GradVariance);
    sources(variance);
    number(variance, "samples", options.samples, "draws of each estimator [200]");
    common(variance);
    CommandSpec &mock =
        add("mock-data", "write random data files of the right form", Kind::MockData);
    number(mock, "rows", options.rows, "rows in each file [256]");
    common(mock);
  }

  void parse(int argc, char **argv) {
    if (argc < 2)
      fail(Exit::Usage, "expected a command: {}", fmt::join(names(), ", "));
    std::string word = argv[1];
    if (word == "--help" || word == "-h")
      return printHelp();
    const CommandSpec &command = commandOf(word);
    options.kind = command.kind;
    options.command = command.name;
    std::set<std::string> given;
    for (int i = 2; i < argc; ++i) {
      std::string flag = argv[i];
      if (flag == "--help" || flag == "-h") {
        options.kind = Kind::Help;
        return printHelp(command);
      }
      size_t equals = flag.find('=');
      const FlagSpec &spec = flagOf(command, flag.substr(0, equals));
      if (!given.insert(spec.name).second)
        fail(Exit::Usage, "--{}: expected it once, found it twice", spec.name);
      std::optional<std::string> value;
      if (equals != std::string::npos)
        value = flag.substr(equals + 1);
      if (!spec.type.empty() && !value)
        value = nextValue(command, spec, ++i < argc ? argv[i] : nullptr);
      else if (spec.type.empty() && value)
        fail(Exit::Usage, "--{}: expected no value, found '{}'", spec.name, *value);
      spec.set(value.value_or(""));
    }
  }

private:
  using Kind = Options::Kind;

  CommandSpec &add(const std::string &name, const std::string &doc, Kind kind) {
    return commands.emplace_back(CommandSpec{name, doc, kind, {}});
  }

  /// Adds a flag unless the program's own flags took its name.
  void addFlag(CommandSpec &to, FlagSpec flag) {
    if (!flag.name.empty() && !to.find(flag.name))
      to.flags.push_back(std::move(flag));
  }
  void number(CommandSpec &to, const std::string &name, int64_t &value, const std::string &doc) {
    addFlag(to, {name, "N", doc,
                 [name, &value](const std::string &text) { value = parseInteger(name, text); }});
  }
  void text(CommandSpec &to, const std::string &name, std::string &value, const std::string &doc,
            const std::string &type) {
    addFlag(to, {name, type, doc, [&value](const std::string &text) { value = text; }});
  }
  void text(CommandSpec &to, const std::string &name, std::map<std::string, std::string> &values,
            const std::string &doc, const std::string &type) {
    addFlag(to,
            {name, type, doc, [name, &values](const std::string &text) { values[name] = text; }});
  }
  void flag(CommandSpec &to, const std::string &name, bool &value, const std::string &doc) {
    addFlag(to, {name, "", doc, [&value](const std::string &) { value = true; }});
  }

  void programFlags(CommandSpec &to, const std::vector<FlagDecl> &flags) {
    for (const FlagDecl &flag : flags) {
      std::string type = !flag.vocab.empty()   ? "TEXT"
                         : !flag.shape.empty() ? "FILE"
                                               : std::string(wordOf(flag.dtype));
      std::string doc = flag.doc;
      if (!flag.shape.empty() && flag.vocab.empty())
        doc += (doc.empty() ? "" : " ") + toString(flag.shape) + " as npy, csv or png";
      if (flag.preset)
        doc += fmt::format("{}[{}]", doc.empty() ? "" : " ", textOf(*flag.preset));
      else
        doc += doc.empty() ? "required" : " (required)";
      text(to, flag.name, options.flags, doc, type);
    }
  }

  void sources(CommandSpec &to) {
    for (const DataDecl &decl : program.data)
      for (const auto *list : {&decl.sources, &decl.holdoutSources})
        for (const Source &source : *list)
          for (const SourceItem &item : source.items)
            text(to, item.flag, options.files, fmt::format("[{}]", item.path), "FILE");
    startFiles(to);
  }

  /// The files that vocabularies and parameters come from.
  void startFiles(CommandSpec &to) {
    for (const VocabDecl &vocab : program.vocabs)
      for (const VocabSource &source : vocab.sources)
        text(to, source.flag, options.files, fmt::format("[{}]", source.path), "FILE");
    for (const auto *list : {&program.params, &program.states})
      for (const Variable &param : *list)
        if (param.from)
          text(to, param.from->flag, options.files, fmt::format("[{}]", param.from->path), "FILE");
  }

  void common(CommandSpec &to) {
    addFlag(to, {"threads", "N", fmt::format("threads [{}]", options.threads),
                 [this](const std::string &text) {
                   int64_t threads = parseInteger("threads", text);
                   if (threads < 1 || threads > 1024)
                     fail(Exit::Usage, "--threads: expected 1 to 1024, found {}", threads);
                   options.threads = int(threads);
                 }});
    addFlag(to, {"seed", "N", "seed of initial values, draws and data order [0]",
                 [this](const std::string &text) { options.seed = parseInteger("seed", text); }});
    text(to, "run", options.runFolder,
         "folder of checkpoints and metrics [" + options.runFolder + "]", "DIR");
    text(to, "data-dir", options.dataDir, "folder to look for data files in first", "DIR");
    addFlag(to, {"checkpoint", "NAME", "last, best, or a file [last]",
                 [this](const std::string &text) { options.checkpoint = checkpointNamed(text); }});
    flag(to, "json", options.json, "print values as JSON records");
  }

  void addTrain(const Command &command) {
    CommandSpec &to = add(command.name, "train the program's parameters", Kind::Train);
    programFlags(to, command.flags);
    sources(to);
    flag(to, "resume", options.resume, "go on from the checkpoint");
    number(to, "log-every", options.logEvery, "steps between records in metrics.jsonl [1]");
    number(to, "save-every", options.saveEvery,
           "steps between checkpoints [at validations, every 5 minutes and at the end]");
    common(to);
  }

  void addEntry(const Entry &entry) {
    CommandSpec &to = add(entry.name, entry.doc.empty() ? "entry" : entry.doc, Kind::Entry);
    programFlags(to, entry.flags);
    entry.data ? sources(to) : startFiles(to);
    common(to);
    for (const ShowDecl &show : entry.shows)
      text(to, show.result, options.outputs,
           "file for the shown value [" +
               (show.kind == ShowKind::Print ? "standard output"
                                             : show.name + std::string(extensionOf(show.kind))) +
               "]",
           "FILE");
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const CommandSpec &command : commands)
      result.push_back(command.name);
    return result;
  }

  const CommandSpec &commandOf(const std::string &word) const {
    for (const CommandSpec &command : commands)
      if (command.name == word)
        return command;
    if (word.starts_with("-"))
      fail(Exit::Usage, "expected a command before the flags, found '{}': {}", word,
           fmt::join(names(), ", "));
    auto guess = nearest(word, names());
    fail(Exit::Usage, "unknown command '{}'{}: expected {}", word,
         guess ? fmt::format(", did you mean '{}'?", *guess) : "", fmt::join(names(), ", "));
  }

  const FlagSpec &flagOf(const CommandSpec &command, const std::string &word) const {
    if (word.starts_with("--"))
      if (const FlagSpec *spec = command.find(std::string_view(word).substr(2)))
        return *spec;
    if (!word.starts_with("-"))
      fail(Exit::Usage, "{}: expected a flag, found '{}'", command.name, word);
    std::vector<std::string> known;
    for (const FlagSpec &flag : command.flags)
      known.push_back("--" + flag.name);
    auto guess = nearest(word, known);
    fail(Exit::Usage, "{}: unknown flag '{}'{}", command.name, word,
         guess ? fmt::format(", did you mean '{}'?", *guess)
               : fmt::format(": see {} --help", command.name));
  }

  /// The word after a flag: anything but another flag.
  std::string nextValue(const CommandSpec &command, const FlagSpec &flag, const char *word) const {
    if (!word)
      fail(Exit::Usage, "--{}: expected a value, found none", flag.name);
    std::string_view name = std::string_view(word).substr(0, std::string_view(word).find('='));
    if (name.starts_with("--") && command.find(name.substr(2)))
      fail(Exit::Usage, "--{}: expected a value, found the flag {} (write --{}={} if it is meant)",
           flag.name, name, flag.name, word);
    return word;
  }

  void printHelp() const {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const CommandSpec &command : commands)
      lines.emplace_back(command.name, command.doc);
    say("{}: a program compiled by nnc ({}, {})\n\n{} COMMAND [FLAGS]\n\n{}\n"
        "COMMAND --help lists the flags of a command.\n",
        program.name, wordOf(program.real), program.features,
        fs::path(options.executable).filename().string(), table(lines));
  }

  void printHelp(const CommandSpec &command) const {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const FlagSpec &flag : command.flags)
      lines.emplace_back("--" + flag.name + (flag.type.empty() ? "" : " " + flag.type), flag.doc);
    lines.emplace_back("--help", "this text");
    say("{} {} [FLAGS]: {}\n\n{}", fs::path(options.executable).filename().string(), command.name,
        command.doc, table(lines));
  }

  const Program &program;
  Options &options;
  std::deque<CommandSpec> commands;
};

/// The executable's own path, whatever it was called as.
std::string ownPath(const std::string &argument) {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    // What the system says of a file that was replaced while it ran.
    std::string text = path.string();
    constexpr std::string_view gone = " (deleted)";
    return text.ends_with(gone) ? text.substr(0, text.size() - gone.size()) : text;
  }
  const char *folders = std::getenv("PATH");
  std::string_view rest = argument.find('/') == std::string::npos && folders ? folders : "";
  while (!rest.empty()) {
    std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    fs::path candidate = fs::path(folder) / argument;
    if (access(candidate.c_str(), X_OK) == 0)
      return fs::absolute(candidate).string();
  }
  return fs::absolute(argument).string();
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
  if (options.logEvery < 1)
    fail(Exit::Usage, "--log-every: expected at least 1, found {}", options.logEvery);
  if (options.saveEvery < 0)
    fail(Exit::Usage, "--save-every: expected at least 0, found {}", options.saveEvery);
  if (options.samples < 1)
    fail(Exit::Usage, "--samples: expected at least 1, found {}", options.samples);
  if (int64_t rows = options.evalRows.value_or(options.rows); rows < 1)
    fail(Exit::Usage, "--rows: expected at least 1, found {}", rows);
  return options;
}

} // namespace nnrt
