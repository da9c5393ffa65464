using System.Collections.Immutable;

namespace Tikr.Core.Configuration;

/// <summary>A key of the main configuration: its path, how its value is read, and where the value goes.</summary>
/// <param name="Path">Path in the file.</param>
internal abstract record Setting(string Path)
{
    /// <summary>Beginning of all environment variables.</summary>
    public const string Prefix = "TIKR_";

    /// <summary>The section to name in a notice if the key has no effect; null for a key that works.</summary>
    public string? InertSection { get; init; }

    /// <summary>Whether its value is for nobody's eyes.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The environment variable: the path in capitals with underscores.</summary>
    public string Variable => Prefix + Path.Replace('.', '_').ToUpperInvariant();

    /// <summary>Whether it holds a list.</summary>
    public virtual bool IsList => false;

    /// <summary>A value of it as messages may show it.</summary>
    public Located Shown(Located at) => IsSecret ? at with { Text = null } : at;

    /// <summary>Sets the value (for a list: all of them) and returns the new configuration, or the old one and a report.</summary>
    public abstract TikrConfiguration Apply(TikrConfiguration configuration, IReadOnlyList<Located> values, Problems problems);
}

/// <summary>A key with one value.</summary>
internal sealed record Setting<T>(string Path, ValueReader<T> Reader, Func<TikrConfiguration, T, TikrConfiguration> Set) : Setting(Path)
{
    public override TikrConfiguration Apply(TikrConfiguration configuration, IReadOnlyList<Located> values, Problems problems)
    {
        var complaint = Reader(values[0].Text!, out var value);
        if (complaint is null) return Set(configuration, value);
        problems.Reject(Shown(values[0]), complaint);
        return configuration;
    }
}

/// <summary>A key with a list of values; a comma separates them in an environment variable.</summary>
internal sealed record ListSetting(
    string Path, ValueReader<string> Reader, Func<TikrConfiguration, ImmutableArray<string>, TikrConfiguration> Set) : Setting(Path)
{
    public override bool IsList => true;

    public override TikrConfiguration Apply(TikrConfiguration configuration, IReadOnlyList<Located> values, Problems problems)
    {
        var items = ImmutableArray.CreateBuilder<string>();
        foreach (var at in values)
        {
            var item = at.Text ?? "";
            var complaint = at.Text is null ? ConfigMessages.Missing(ConfigMessages.GiveListValue) : Reader(at.Text, out item);
            if (complaint is null) items.Add(item);
            else problems.Reject(Shown(at), complaint);
        }

        return Set(configuration, items.ToImmutable());
    }
}
