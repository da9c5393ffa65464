using System.Text.RegularExpressions;

namespace Tikr.Core.Configuration;

/// <summary>Finds the settings among environment variables. An empty variable counts as unset.</summary>
internal static partial class EnvironmentVariables
{
    /// <summary>Shorter names that mean the same key.</summary>
    public static readonly IReadOnlyDictionary<string, string> Aliases =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["TIKR_DATA_DIR"] = "TIKR_STORAGE_DATA_DIR" };

    /// <summary>Variables of clients and their examples, which may run in the same environment; they mean nothing to the server.</summary>
    public static readonly IReadOnlySet<string> OfClients =
        new HashSet<string>(StringComparer.Ordinal) { "TIKR_ADDR", "TIKR_PROTO_DIR", "TIKR_STUB_CACHE" };

    /// <summary>The values set by variables, and the unknown ones reported.</summary>
    public static IReadOnlyList<(Setting Setting, IReadOnlyList<Located> Values)> Read(
        IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var settings = Settings.All.ToDictionary(setting => setting.Variable, StringComparer.Ordinal);
        var found = new List<(Setting, IReadOnlyList<Located>)>();
        foreach (var (name, value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Setting.Prefix, StringComparison.Ordinal) || value.Length == 0) continue;
            var at = new Located(Located.Environment, 0, name, value);
            var fullName = Aliases.GetValueOrDefault(name, name);
            if (settings.TryGetValue(fullName, out var setting))
            {
                if (fullName != name && environment.TryGetValue(fullName, out var other) && other.Length > 0 && other != value)
                    problems.Reject(at, ConfigMessages.ContradictsAlias(fullName));
                found.Add((setting, setting.IsList ? Split(at) : [at]));
            }
            else if (!IsForeign(name, value))
            {
                problems.Reject(at, ConfigMessages.UnknownVariable(Nearest.To(name, [.. settings.Keys, .. Aliases.Keys])));
            }
        }

        return found;
    }

    private static Located[] Split(Located at) =>
    [
        .. at.Text!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(item => at with { Text = item }),
    ];

    // Kubernetes gives every pod such variables for each service of its namespace: a service called tikr must not stop the start.
    private static bool IsForeign(string name, string value) =>
        OfClients.Contains(name)
        || ServiceLink().IsMatch(name)
        || (name.EndsWith("_PORT", StringComparison.Ordinal) && value.Contains("://", StringComparison.Ordinal));

    [GeneratedRegex(@"_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$")]
    private static partial Regex ServiceLink();
}
