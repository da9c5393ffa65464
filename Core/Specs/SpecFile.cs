using System.Collections.Immutable;
using Tikr.Core.Configuration;

namespace Tikr.Core.Specs;

/// <summary>The text of a spec file.</summary>
/// <param name="Name">Its name or path, for messages.</param>
/// <param name="Text">Its text.</param>
public sealed record SpecFile(string Name, string Text);

/// <summary>What reading spec files gave.</summary>
/// <param name="Specs">The specs of the files without errors, in the order of the files.</param>
/// <param name="Errors">All errors of all files; the specs are to be used only if there are none.</param>
/// <param name="Notices">What is worth knowing and stops nothing.</param>
public sealed record SpecsResult(ImmutableArray<SeriesSpec> Specs, ImmutableArray<ConfigError> Errors, ImmutableArray<ConfigNotice> Notices)
{
    /// <summary>Whether there is no error.</summary>
    public bool Ok => Errors.IsEmpty;
}
