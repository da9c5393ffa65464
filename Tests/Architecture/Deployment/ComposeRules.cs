using System.Globalization;
using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>
/// The part of the compose specification that our files use, as rules of our own: which keys a section may have and what their
/// values look like. A key that is not listed is a mistake, here as there; extend the table when a file needs more of it.
/// </summary>
internal static class ComposeRules
{
    private static readonly ComposeRule Text = new("text", node => node is string);
    private static readonly ComposeRule Truth = Matching("true or false", "true|false");
    private static readonly ComposeRule Duration = Matching("a duration such as 1m30s", @"(\d+(h|ms|us|m|s))+");
    private static readonly ComposeRule Bytes = Matching("a size such as 512mb", @"\d+(b|k|kb|m|mb|g|gb)?");
    private static readonly ComposeRule Count = Matching("a whole number", @"\d+");
    private static readonly ComposeRule Texts = ListOf(Text);
    private static readonly ComposeRule Command = Either(Text, Texts);

    private static readonly ComposeRule Port = Matching(
        "[address:]published:target[/protocol]", @"(([\d.]+|\[[\da-f:]+\]|\$\{[^}]+\}):)?(\d+|\$\{[^}]+\}):\d+(/(tcp|udp))?");

    private static readonly ComposeRule Mount = Matching("source:target[:ro]", @"(\.{0,2}/)?[\w./-]+:/[\w./-]*(:(ro|rw))?");
    private static readonly ComposeRule Environment = Either(
        MapOf(Matching("a variable", "[A-Za-z_][A-Za-z0-9_]*"), Either(Text, Nothing)), Texts);

    private static readonly ComposeRule HealthCheck = Section(new()
    {
        ["test"] = Either(Text, new("a list that begins with CMD, CMD-SHELL or NONE", node => node is IList<object> { Count: > 0 } list
            && list[0] is "CMD" or "CMD-SHELL" or "NONE")),
        ["interval"] = Duration,
        ["timeout"] = Duration,
        ["retries"] = Count,
        ["start_period"] = Duration,
        ["start_interval"] = Duration,
        ["disable"] = Truth,
    });

    private static readonly ComposeRule Dependency = Section(
        new()
        {
            ["condition"] = Matching("a condition", "service_started|service_healthy|service_completed_successfully"),
            ["required"] = Truth,
            ["restart"] = Truth,
        },
        "condition");

    private static readonly ComposeRule Build = Either(Text, Section(new()
    {
        ["context"] = Text,
        ["dockerfile"] = Text,
        ["target"] = Text,
        ["args"] = Environment,
    }));

    private static readonly ComposeRule Service = Section(new()
    {
        ["image"] = Text,
        ["build"] = Build,
        ["command"] = Command,
        ["entrypoint"] = Command,
        ["container_name"] = Text,
        ["hostname"] = Text,
        ["user"] = Text,
        ["working_dir"] = Text,
        ["environment"] = Environment,
        ["env_file"] = Command,
        ["depends_on"] = Either(Texts, MapOf(Name, Dependency)),
        ["healthcheck"] = HealthCheck,
        ["ports"] = ListOf(Port),
        ["expose"] = ListOf(Count),
        ["volumes"] = ListOf(Mount),
        ["tmpfs"] = Command,
        ["networks"] = Either(Texts, MapOf(Name, Either(Nothing, Text))),
        ["profiles"] = Texts,
        ["restart"] = Matching("a restart policy", @"no|always|unless-stopped|on-failure(:\d+)?"),
        ["init"] = Truth,
        ["read_only"] = Truth,
        ["cap_add"] = Texts,
        ["cap_drop"] = Texts,
        ["security_opt"] = Texts,
        ["shm_size"] = Bytes,
        ["mem_limit"] = Bytes,
        ["stop_grace_period"] = Duration,
        ["stop_signal"] = Text,
        ["labels"] = Environment,
    });

    private static readonly ComposeRule Resource = Either(
        Nothing, Section(new() { ["name"] = Text, ["external"] = Truth, ["driver"] = Text, ["labels"] = Environment }));

    private static readonly ComposeRule File = Section(
        new()
        {
            ["name"] = Matching("lower case letters, digits, - and _", "[a-z0-9][a-z0-9_-]*"),
            ["services"] = MapOf(Name, Service),
            ["volumes"] = MapOf(Name, Resource),
            ["networks"] = MapOf(Name, Resource),
        },
        "services");

    private static ComposeRule Name => Matching("a name", "[a-zA-Z0-9._-]+");

    private static ComposeRule Nothing => new("nothing", node => node is null or "");

    /// <summary>Everything that breaks a rule, by its path in the file.</summary>
    public static IReadOnlyList<string> Check(object? root) => [.. File.Problems(root, "")];

    private static ComposeRule Matching(string what, string pattern)
    {
        var whole = new Regex($"^({pattern})$", RegexOptions.CultureInvariant);
        return new(what, node => node is string text && whole.IsMatch(text));
    }

    // What is wrong inside is said by the alternative that is of the value's kind.
    private static ComposeRule Either(ComposeRule one, ComposeRule other) =>
        new($"{one.What} or {other.What}", node => one.Fits(node) || other.Fits(node))
        {
            Within = (node, path) => one.Fits(node) ? one.Within(node, path) : other.Within(node, path),
        };

    private static ComposeRule ListOf(ComposeRule item) => new("a list", node => node is IList<object>)
    {
        Within = (node, path) => ((IList<object>)node!)
            .SelectMany((value, i) => item.Problems(value, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"))),
    };

    private static ComposeRule MapOf(ComposeRule key, ComposeRule value) => new("a section", node => node is IDictionary<object, object>)
    {
        Within = (node, path) => ((IDictionary<object, object>)node!)
            .SelectMany(entry => key.Problems(entry.Key, $"{path}.{entry.Key}").Concat(value.Problems(entry.Value, $"{path}.{entry.Key}"))),
    };

    private static ComposeRule Section(Dictionary<string, ComposeRule> keys, params string[] required) =>
        new("a section", node => node is IDictionary<object, object>)
        {
            Within = (node, path) =>
            {
                var map = (IDictionary<object, object>)node!;
                var missing = required.Where(key => !map.ContainsKey(key)).Select(key => $"{path}.{key}: missing");
                var known = map.Where(entry => !((string)entry.Key).StartsWith("x-", StringComparison.Ordinal));
                return missing.Concat(known.SelectMany(entry => keys.TryGetValue((string)entry.Key, out var rule)
                    ? rule.Problems(entry.Value, $"{path}.{entry.Key}")
                    : [$"{path}.{entry.Key}: unknown key"]));
            },
        };
}
