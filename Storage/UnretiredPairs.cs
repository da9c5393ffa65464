namespace Tikr.Storage;

/// <summary>What stores keep of a manifest when a part of it is done with.</summary>
public static class UnretiredPairs
{
    /// <summary>The sections of series that are not configured: nobody can cover them now.</summary>
    public static List<ManifestSection> OfUnconfigured(this Manifest manifest, Predicate<ushort> isConfigured) =>
        [.. manifest.Sections.Where(section => !isConfigured(section.SeriesId))];

    /// <summary>
    /// The sections without the pairs that lie wholly below a cut, up to which ticks are deleted, whoever's they are.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="cutNs">Where ticks begin that are kept, Unix nanoseconds.</param>
    /// <param name="dropped">How many pairs are left out.</param>
    public static List<ManifestSection> EndingAfter(this Manifest manifest, long cutNs, out int dropped)
    {
        List<ManifestSection> kept = [.. manifest.Sections.Select(section => section.EndingAfter(cutNs))];
        dropped = manifest.Sections.Sum(section => section.Pairs.Count) - kept.Sum(section => section.Pairs.Count);
        kept.RemoveAll(section => section.Pairs.Count == 0);
        return kept;
    }
}
