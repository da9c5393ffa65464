using System.Globalization;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Core.Configuration;

/// <summary>
/// Every message about configuration, specs and environment: the rule that is broken (no full stop) and the remedy (a sentence).
/// docs/configuration.md lists them; a test holds the two together.
/// </summary>
internal static class ConfigMessages
{
    // The form of a file.
    public static Complaint NotYaml(string problem) =>
        new($"the file is not valid YAML: {problem}", "Look at the indentation and the quotes around this line; indent with spaces.");

    public static readonly Complaint SecondDocument = new(
        "a file holds one YAML document",
        "Move what follows '---' to a file of its own.");

    public static readonly Complaint KeyNotText = new(
        "a key must be a plain word",
        "Write it as 'key: value', or put quotes around a value with braces.");

    public static readonly Complaint MergeKey = new("merge keys ('<<') are not read", "Write the keys out.");

    public static readonly Complaint UnknownAnchor = new(
        "no anchor of this name is complete above this line",
        "Define it with '&' before using it with '*'.");

    public static Complaint KeyTwice(int line) => new($"the key is given twice, first on line {line}", "Keep one of the two.");

    public static Complaint UnknownKey(string? suggestion, IEnumerable<string> known) =>
        new("the key is unknown", (suggestion is null ? "" : $"Did you mean {suggestion}? ") + $"Known here: {string.Join(", ", known)}.");

    public static Complaint WrongKind(string expected, string found) => new(
        $"{expected} is expected here, found {found}", ExpectedForm(expected));

    public static Complaint Missing(string what) => new("a value is required and missing", what);

    // Files and folders.
    public static Complaint Unreadable(string problem) => new(
        $"the file cannot be read ({problem.TrimEnd('.')})",
        "Correct the path or its permissions.");

    public static Complaint TooLarge(long most) =>
        new($"the file is larger than {most / 1024} KiB", "A specification is a page of text: check that this is the right file.");

    public static Complaint NotAFile(TimeSpan patience) => new(
        $"the file could not be read within {patience.TotalSeconds:0} s, as if it were a pipe or a device",
        "Put a regular file in its place.");

    public static Complaint ForeignFile(string target, int errors) => new(
        $"the file is a link to {target}, which is no valid spec ({errors} error{(errors == 1 ? "" : "s")}, "
            + "not shown since a link may lead to any file)",
        "Copy the file into the folder to see them, or correct the link.");

    public static readonly Complaint NotUtf8 = new("the file is not UTF-8 text", "Save it as UTF-8.");

    public static readonly Complaint NoSuchFolder = new(
        "the specs folder does not exist",
        "Create it, or point specs_dir (TIKR_SPECS_DIR) at the folder that holds the series specs.");

    public static readonly Complaint NoSpecFiles =
        new(
            "the specs folder holds no .yaml or .yml file (subfolders are not read)",
            "Put one file per series there, for example specs/market_ticks.yaml.");

    public static readonly Complaint EmptySpec = new("the file declares nothing", "Declare a series in it, or remove it.");

    // Kinds of values.
    public static Complaint NotADuration(string problem) =>
        new($"the duration {problem}", $"Write numbers with units ({GoDuration.Units}), for example 200ms, 1s or 1h30m.");

    public static Complaint OutsideDurations(long least, long most, string why) =>
        new(
            $"the duration must be from {Short(least)} to {Short(most)}{(why.Length == 0 ? "" : $", {why}")}",
            "Choose a value in this range.");

    public static Complaint NotWhole(long least, long most) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most} is expected"),
            "Write such a number, in decimal digits only.");

    public static readonly Complaint NotASize = new(
        "a size from 0.001 to 1000000 is expected, in GB of 1024^3 bytes",
        "Write digits with an optional fraction, for example 50 or 0.5.");

    public static readonly Complaint NotMemory = new(
        "an amount of memory from 64MB on is expected, with its unit MB or GB (of 1024)", "Write for example 512MB or 4GB.");

    public static readonly Complaint NotABoolean = new("true or false is expected", "Write true or false.");

    public static readonly Complaint NotReachable = new(
        "this means all addresses, and other silos need one to connect to", "Write an address of this machine.");

    public static readonly Complaint NotAnAddress =
        new(
            "an IP address is expected",
            "Write 127.0.0.1 for this machine only, 0.0.0.0 for all its IPv4 addresses, :: for all addresses.");

    public static readonly Complaint NotHostAndPort = new("a broker is host:port", "Write for example kafka:9092.");

    public static readonly Complaint NotAUrl = new(
        "a URL that begins with http:// or https:// is expected, without user, query and fragment",
        "Write for example http://collector:4317.");

    public static readonly Complaint NotNameAndValue = new(
        "a setting of the Kafka client is name=value (not shown, since it may hold a password)",
        "Write for example security.protocol=SASL_SSL.");

    public static Complaint NotAName(int longest) =>
        new($"a name has at most {longest} bytes, no control characters and no spaces at its ends", "Shorten or clean it.");

    public static readonly Complaint NotATopic =
        new("a Kafka topic has at most 249 characters, only letters, digits, '.', '_' and '-', and is neither '.' nor '..'", "Rename it.");

    public static Complaint NotAChoice(IReadOnlyList<string> words, string? suggestion) =>
        new(
            words.Count > 1 ? $"one of {string.Join(", ", words)} is expected" : $"{words[0]} is expected, there is no other choice",
            suggestion is not null ? $"Did you mean {suggestion}?"
                : words.Count > 1 ? "Choose one of them." : "Write it, or remove the key.");

    // Specs.
    public const string NameTheSeries = "Give the series a name, for example market_ticks.";

    public const string NameTheDimension = "Give the name under which producers send the dimension.";

    public const string NameTheMetric = "Give the name that the metric has in bars.";

    public static readonly string GiveTheField =
        $"Name the field of the tick that the metric reads; only {List(AggregationsWithoutField, "and")} reads none.";

    public static readonly string GiveTheType =
        $"Write {List(FieldType.All, "or")}; only {List(AggregationsWithoutField, "and")} may leave it out ({FieldType.UInt64}).";

    public static readonly string GiveTheAggregation =
        $"Choose {List(AggregateRegistry.All.Select(aggregation => aggregation.Word), "or")}.";

    public const string GiveTheRollup = "Give the length of a bar, for example 1s.";

    public const string GiveMetrics = "Declare at least one metric with name, field, type and aggregation.";

    public const string GiveListValue = "Write the value, or remove the line.";

    public static Complaint SeriesTwice(string place) => new(
        $"the series is already declared in {place}",
        "Rename one of the two, or remove one.");

    public static Complaint NameTwice(string what, int line) => new(
        $"the {what} is already declared on line {line}",
        "Rename one of the two.");

    public static Complaint FieldOfTwoTypes(string field, string type, int line) =>
        new($"field {field} is read as {type} on line {line}, and a field has one type", "Give all metrics of the field the same type.");

    public static Complaint NotAdditive(string aggregation) =>
        new($"values of {aggregation} do not add up over time, so OTLP cannot have them as a sum",
            "Remove the key: such a metric is a gauge.");

    public static Complaint TooManyMetrics(int most) => new($"a series has at most {most} metrics", "Split the series in two.");

    public static readonly Complaint RouteWithoutTopic = new(
        "late ticks are routed to a topic of their own, and output.kafka.late_topic is missing",
        "Name the topic, or use revise (the bar is recomputed and published again) or drop (late ticks are rejected and counted).");

    public static readonly Complaint RouteWithoutKafka = new(
        "late ticks are routed through Kafka, and kafka.brokers is not set",
        "Set kafka.brokers (TIKR_KAFKA_BROKERS), or use revise (the bar is recomputed "
            + "and published again) or drop (late ticks are rejected and counted).");

    public static Complaint RollupBeyondTtl(long ttl) => new(
        $"a bar must be shorter than the life of its ticks, storage.ticks.ttl = {Short(ttl)}",
        "Shorten the rollup and its grace, or raise storage.ticks.ttl (at most 24h).");

    public const string LateTopicUnused = "The topic has an effect only with late: route.";

    public const string NotPublished = "kafka.brokers is not set: bars of this series are stored and not published.";

    // Main configuration.
    private const string ExampleConnection = "Host=db;Username=tikr;Password=...;Database=tikr";

    public static readonly Complaint TimescaleWithoutConnection = new(
        "the timescale store needs storage.timescale.connection_string",
        $"Set it, best by TIKR_STORAGE_TIMESCALE_CONNECTION_STRING, for example {ExampleConnection}.");

    public static readonly Complaint NotAConnection = new(
        "an Npgsql connection string that names a Host is expected (not shown, since it may hold a password)",
        $"Write NAME=VALUE pairs separated by semicolons, for example {ExampleConnection}.");

    public static string OnlyWith(string backend) => $"The key has an effect only with storage.backend: {backend}.";

    public const string BackendPebble =
        "Pebble is a Go library; the data are kept in rocksdb, which takes its place. Write rocksdb. Files of pebble are not read.";

    public static readonly Complaint DurabilityNone = new(
        "the rocksdb store always writes a log, so it has no mode without durability",
        "Use os (survives the death of the process) or disk (survives power loss).");

    public static Complaint PortTaken(string other) => new($"the port is also that of {other}", "Give each its own port.");

    public static Complaint ContradictsAlias(string other) => new(
        $"the variable contradicts {other}, which sets the same key",
        "Set one of the two.");

    public static Complaint UnknownVariable(string? suggestion) => new(
        "no setting has this variable",
        (suggestion is null ? "" : $"Did you mean {suggestion}? ")
        + "Unset it; docs/configuration.md lists all variables.");

    public const string KafkaTelemetryInert = "Tikr's own metrics do not go to Kafka in this version; keys of this section have no effect.";

    public const string OnlyWithBrokers = "The key has an effect only with kafka.brokers.";

    private static IEnumerable<string> AggregationsWithoutField =>
        AggregateRegistry.All.Where(aggregation => !aggregation.ReadsField).Select(aggregation => aggregation.Word);

    private static string List<T>(IEnumerable<T> items, string beforeLast)
    {
        T[] all = [.. items];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} {beforeLast} {all[^1]}";
    }

    private static string Short(long nanoseconds)
    {
        // 1h0m0s is how Go writes an hour; people read 1h.
        var text = GoDuration.Format(nanoseconds);
        if (text.EndsWith("m0s", StringComparison.Ordinal)) text = text[..^2];
        return text.EndsWith("h0m", StringComparison.Ordinal) ? text[..^2] : text;
    }

    private static string ExpectedForm(string expected) => expected switch
    {
        "a single value" => "Write 'key: value' on one line.",
        "a section with keys" => "Write keys below it, indented.",
        _ => "Begin each entry on its own line with '- '.",
    };
}
