using System.Collections.Immutable;
using Tikr.Core.Configuration.Yaml;

namespace Tikr.Core.Configuration;

/// <summary>What reading the main configuration gave.</summary>
/// <param name="Configuration">The configuration; null if there are errors.</param>
/// <param name="Errors">All errors of the file and the environment.</param>
/// <param name="Notices">What is worth knowing and stops nothing.</param>
/// <param name="SpecsDir">The specs folder also where other keys are wrong, so that its errors can be reported together with these; null if
/// the file could not be read.</param>
public sealed record ConfigurationResult(
    TikrConfiguration? Configuration, ImmutableArray<ConfigError> Errors, ImmutableArray<ConfigNotice> Notices, string? SpecsDir);

/// <summary>Reads the main configuration from the text of a file and from environment variables: pure, all errors at once.</summary>
public static class ConfigurationLoader
{
    /// <summary>Defaults, overridden by the file, overridden by the environment.</summary>
    /// <param name="yaml">Text of the file; null for none.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="environment">Environment variables; those that do not begin with TIKR_ are ignored.</param>
    public static ConfigurationResult Load(string? yaml, string file, IReadOnlyDictionary<string, string> environment)
    {
        var problems = new Problems();
        var (configuration, specsDir) = Read(yaml, file, environment, problems);
        var valid = problems.ErrorCount == 0 ? configuration : null;
        return new ConfigurationResult(valid, problems.Errors, problems.Notices, specsDir);
    }

    /// <summary>
    /// Reads into <paramref name="problems"/>; values that are refused leave their default. The specs folder is null if the file that
    /// may name it could not be read: what the default folder holds would only mislead.
    /// </summary>
    internal static (TikrConfiguration Configuration, string? SpecsDir) Read(
        string? yaml, string file, IReadOnlyDictionary<string, string> environment, Problems problems, bool isUnread = false)
    {
        var configuration = new TikrConfiguration();
        var origins = new Dictionary<string, Located>(StringComparer.Ordinal);
        var noticed = new HashSet<string>(StringComparer.Ordinal);
        var fromFile = yaml is null ? [] : FromFile(yaml, file, problems);
        if (isUnread) fromFile = null;
        Apply(fromFile ?? []);
        Apply(EnvironmentVariables.Read(environment, problems));
        ConfigurationRules.Check(configuration, origins, problems);
        return (configuration, fromFile is not null || origins.ContainsKey("specs_dir") ? configuration.SpecsDir : null);

        void Apply(IReadOnlyList<(Setting Setting, IReadOnlyList<Located> Values)> values)
        {
            foreach (var (setting, found) in values)
            {
                configuration = setting.Apply(configuration, found, problems);
                if (found.Count == 0) continue;
                origins[setting.Path] = setting.Shown(found[0]);
                if (setting.InertSection is { } section && noticed.Add(found[0].File + section))
                    problems.Tell(NoticeSeverity.Notice, found[0] with { Text = null }, ConfigMessages.KafkaTelemetryInert);
            }
        }
    }

    /// <summary>The values of the file; null if it is not YAML.</summary>
    private static List<(Setting Setting, IReadOnlyList<Located> Values)>? FromFile(string yaml, string file, Problems problems)
    {
        var found = new List<(Setting, IReadOnlyList<Located>)>();
        var before = problems.ErrorCount;
        var root = YamlText.Read(yaml, file, problems);
        if (root is null or { IsEmpty: true }) return problems.ErrorCount == before ? found : null;
        Settings.Shape.Check(root, file, problems);
        foreach (var setting in Settings.All)
        {
            var path = setting.Path.Split('.');
            var section = new YamlSection(root as YamlMap, "", file, problems);
            foreach (var part in path[..^1]) section = section.Section(part);
            if (setting.IsList) found.Add((setting, section.Values(path[^1])));
            else if (section.Find(path[^1]) is { } value) found.Add((setting, [value]));
        }

        return found;
    }
}
