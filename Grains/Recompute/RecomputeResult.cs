using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>What stored ticks come to.</summary>
internal enum RecomputeKind : byte
{
    /// <summary>A bar.</summary>
    Bar,

    /// <summary>No ticks are stored for the bucket.</summary>
    NoTicks,

    /// <summary>The bucket starts below complete_from: ticks may be missing, so no bar is made.</summary>
    Incomplete,
}

/// <summary>What a recompute found.</summary>
/// <param name="Kind">Whether there is a bar.</param>
/// <param name="Bar">The bar; null unless <see cref="Kind"/> says so.</param>
/// <param name="Coverage">Last committed flushes as they were before the scan began: the bar covers them.</param>
/// <param name="ExpectedRevision">Revision known or read before the scan began, to write against.</param>
/// <param name="Overflows">Metrics whose exact value did not fit.</param>
/// <param name="Repeats">Repeated ticks left out.</param>
/// <param name="NewRepeats">Those of them from the requester's first uncovered flush on.</param>
internal readonly record struct RecomputeResult(
    RecomputeKind Kind, Bar? Bar, FlushVector Coverage, int ExpectedRevision, int Overflows = 0,
    RepeatCounts Repeats = default, RepeatCounts NewRepeats = default);

/// <summary>Ticks left out because another of their key has the same timestamp and sequence.</summary>
/// <param name="Duplicates">Those that equal it.</param>
/// <param name="Conflicts">Those of other content: most likely another tick, whose producer numbers badly.</param>
internal readonly record struct RepeatCounts(int Duplicates, int Conflicts);
