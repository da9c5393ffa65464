using System.Runtime.CompilerServices;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Reads several keys: the own blocks of each wanted key, and each group that wanted keys share, once.</summary>
internal static class ManyKeysScan
{
    public static async IAsyncEnumerable<TickBatch> ReadAsync(TickFetch fetch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var keys = fetch.Read.Keys;
        if (keys.Length == 0) yield break;
        var wanted = keys.GroupBy(TickGroup.Shared).ToDictionary(g => g.Key, g => g.ToArray());
        long[] groups = [.. wanted.Keys.Order(), .. keys.Select(TickGroup.Own)];
        var step = new TickStep(fetch);
        var batch = step.NewBatch();
        var page = new TickPage();
        var after = BlockPosition.BeforeAll;
        var size = Math.Clamp(groups.Length * 2, TickPage.FirstBlocks, TickPage.MostBlocks);
        do
        {
            await fetch.ManyGroupsAsync(groups, after, size, page, cancellation).ConfigureAwait(false);
            for (var i = 0; i < page.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                after = page.PositionOf(i);
                if (step.Decode(after, page.BlockOf(i), TickGroup.IsShared(after.Group) ? wanted[after.Group] : [], batch))
                    yield return batch;
            }

            groups = groups[Math.Max(0, Array.BinarySearch(groups, after.Group))..];
        }
        while (page.Count == size);
    }
}
