using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Answers the ticks of many keys, key by key. Keys are read in chunks whose ticks fit the memory allowed; a chunk that does not fit is
/// halved, and a single key streams however many ticks it has.
/// </summary>
/// <param name="store">Where the ticks are.</param>
/// <param name="mostTicks">Most ticks of several keys held at once.</param>
/// <param name="mostKeys">Most keys read together.</param>
internal sealed class ManyKeysReader(ITickStore store, int mostTicks, int mostKeys = ManyKeysReader.MostKeys)
{
    private const int MostKeys = 512;

    /// <summary>Sends the ticks of the keys in their order, until the sender wants no more.</summary>
    public async Task RunAsync(QueryRange range, IAsyncEnumerable<StoredKey> keys, TickSender sender, CancellationToken cancellation)
    {
        var chunk = new KeyChunk(store, range, mostTicks);
        // With a limit the first keys may already satisfy it: begin small and grow while the answers stay small.
        var size = range.Limit == long.MaxValue ? mostKeys : 1;
        var waiting = new List<StoredKey>();
        var source = keys.GetAsyncEnumerator(cancellation);
        await using var sourceEnd = source.ConfigureAwait(false);
        while (await FillAsync(source, waiting, size).ConfigureAwait(false))
        {
            var taken = waiting.GetRange(0, Math.Min(size, waiting.Count));
            if (taken.Count == 1)
            {
                var before = sender.Rows;
                sender.BeginKey(taken[0]);
                if (!await new SingleKeyReader(store).RunAsync(range, taken[0].KeyId, sender, cancellation).ConfigureAwait(false)) return;
                if (sender.Rows - before < mostTicks / 4) size = Math.Min(size * 2, mostKeys);
            }
            else if (await chunk.CollectAsync(taken, cancellation).ConfigureAwait(false))
            {
                if (!await chunk.SendAsync(taken, sender, cancellation).ConfigureAwait(false)) return;
                if (chunk.Collected < mostTicks / 4) size = Math.Min(size * 2, mostKeys);
            }
            else
            {
                size = taken.Count / 2;
                continue;
            }

            waiting.RemoveRange(0, taken.Count);
        }
    }

    private static async ValueTask<bool> FillAsync(IAsyncEnumerator<StoredKey> source, List<StoredKey> waiting, int size)
    {
        while (waiting.Count < size && await source.MoveNextAsync().ConfigureAwait(false)) waiting.Add(source.Current);
        return waiting.Count > 0;
    }
}
