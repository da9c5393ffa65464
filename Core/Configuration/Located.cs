using System.Collections.Immutable;

namespace Tikr.Core.Configuration;

/// <summary>A value and where it stands.</summary>
/// <param name="File">File, or <see cref="Environment"/>.</param>
/// <param name="Line">Line from 1, or 0.</param>
/// <param name="Key">Path of the key.</param>
/// <param name="Text">The value; null for a key as a whole.</param>
internal sealed record Located(string File, int Line, string Key, string? Text)
{
    /// <summary>What stands in the place of the file for environment variables.</summary>
    public const string Environment = "environment";

    public ConfigError Error(Complaint complaint) =>
        new(File, Line, Secrets.Hide(Key)!, Secrets.Hide(Text), complaint.Rule, complaint.Remedy);

    /// <summary>The place for people, as another error names it.</summary>
    public string Place => ConfigText.Place(File, Line, "", null);
}

/// <summary>What is wrong with a value, and the remedy.</summary>
internal sealed record Complaint(string Rule, string Remedy);

/// <summary>Everything found so far; reading goes on after an error so that all are reported at once.</summary>
internal sealed class Problems
{
    private readonly List<ConfigError> _errors = [];
    private readonly List<ConfigNotice> _notices = [];

    public int ErrorCount => _errors.Count;

    /// <summary>The errors, file by file in the order of reading, and by line within each.</summary>
    public ImmutableArray<ConfigError> Errors =>
        [.. _errors.GroupBy(error => error.File).SelectMany(file => file.OrderBy(error => error.Line))];

    /// <summary>The notices in the order of reading.</summary>
    public ImmutableArray<ConfigNotice> Notices => [.. _notices];

    public void Add(IEnumerable<ConfigError> errors, IEnumerable<ConfigNotice> notices)
    {
        _errors.AddRange(errors);
        _notices.AddRange(notices);
    }

    public void Reject(Located at, Complaint complaint) => _errors.Add(at.Error(complaint));

    public void Tell(NoticeSeverity severity, Located at, string text) =>
        _notices.Add(new ConfigNotice(severity, at.File, at.Line, at.Key, Secrets.Hide(at.Text), text));
}
