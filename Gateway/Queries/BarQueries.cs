using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Gateway.Hosting;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>QueryBars.</summary>
internal sealed class BarQueries(
    QueryCall calls, SeriesDirectory directory, GatewayOptions options, IKeyStore keys, IBarStore bars, IOpenBars openBars)
{
    /// <summary>Keys read together.</summary>
    private const int KeysAtOnce = 1024;

    public Task RunAsync(BarQuery query, IServerStreamWriter<BarMessage> answers, ServerCallContext call) =>
        calls.RunAsync("bars", query.Series, call, async place =>
        {
            var cancellation = place.Ended;
            var range = QueryRange.Check(directory, options, query.Series, query.Dimensions, query.StartNs, query.EndNs, query.Limit);
            var rows = calls.RowsTo(answers, range.Limit, place);
            var sender = new BarSender(range.Series.Model, rows);
            await foreach (var group in new KeyListing(keys).ListAsync(range, cancellation)
                .Chunk(KeysAtOnce).WithCancellation(cancellation))
            {
                // Before the stored ones, so that a bar that closes meanwhile is not missed.
                var open = query.IncludeOpen
                    ? await openBars.ReadAsync(range.Series, group, range.FromNs, range.ToNs, cancellation).ConfigureAwait(false) : null;
                var stored = new StoredBars(bars, range, group, cancellation);
                await using var storedEnd = stored.ConfigureAwait(false);
                for (var i = 0; i < group.Length; i++)
                {
                    sender.BeginKey(group[i]);
                    if (!await SendAsync(stored, group[i].KeyId, new OpenBarMerge(open?[i] ?? []),
                        sender, cancellation).ConfigureAwait(false)) return rows.Rows;
                }
            }

            return rows.Rows;
        });

    private static async ValueTask<bool> SendAsync(
        StoredBars bars, uint keyId, OpenBarMerge merge, BarSender sender, CancellationToken cancellation)
    {
        Bar? open;
        while (await bars.NextOfAsync(keyId).ConfigureAwait(false) is { } stored)
        {
            while (merge.TryTakeBefore(stored.BucketStart, out open))
            {
                if (!await sender.SendAsync(open, true, cancellation).ConfigureAwait(false)) return false;
            }

            var (bar, isOpen) = merge.Choose(stored);
            if (!await sender.SendAsync(bar, isOpen, cancellation).ConfigureAwait(false)) return false;
        }

        while (merge.TryTakeBefore(long.MaxValue, out open))
        {
            if (!await sender.SendAsync(open, true, cancellation).ConfigureAwait(false)) return false;
        }

        return true;
    }
}
