using System.Collections.Immutable;
using Tikr.Core.Specs;

namespace Tikr.Core.Configuration;

/// <summary>Everything that a node needs to know before it starts, or all the reasons why it must not.</summary>
/// <param name="Configuration">The main configuration; null if there are errors.</param>
/// <param name="Specs">The series; empty if there are errors.</param>
/// <param name="Errors">All errors of all files and of the environment.</param>
/// <param name="Notices">What is worth knowing and stops nothing.</param>
public sealed record TikrSetup(
    TikrConfiguration? Configuration,
    ImmutableArray<SeriesSpec> Specs,
    ImmutableArray<ConfigError> Errors,
    ImmutableArray<ConfigNotice> Notices)
{
    /// <summary>Reads the main configuration and the series specs that it points at.</summary>
    /// <param name="configPath">The main configuration file; null for defaults and environment only.</param>
    /// <param name="environment">Environment variables.</param>
    public static TikrSetup Load(string? configPath, IReadOnlyDictionary<string, string> environment)
    {
        var problems = new Problems();
        var yaml = configPath is null ? null : ConfigFiles.Read(configPath, problems);
        var isUnread = configPath is not null && yaml is null;
        var (configuration, specsDir) = ConfigurationLoader.Read(yaml, configPath ?? "", environment, problems, isUnread);
        if (specsDir is null) return new TikrSetup(null, [], problems.Errors, problems.Notices);
        var specs = SpecFolder.Load(specsDir, configuration.Storage.Ticks.Ttl, configuration.Kafka.IsConfigured);
        problems.Add(specs.Errors, specs.Notices);
        return problems.ErrorCount == 0
            ? new TikrSetup(configuration, specs.Specs, [], problems.Notices)
            : new TikrSetup(null, [], problems.Errors, problems.Notices);
    }
}
