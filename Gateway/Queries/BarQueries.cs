using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Gateway.Hosting;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>QueryBars.</summary>
internal sealed class BarQueries(QueryCall calls, SeriesDirectory directory, GatewayOptions options, IKeyStore keys, IBarStore bars, IOpenBars openBars)
{
    /// <summary>Grains asked for open bars at the same time.</summary>
    private const int KeysAtOnce = 64;

    private static readonly Task<Bar[]> NoOpenBars = Task.FromResult<Bar[]>([]);

    public Task RunAsync(BarQuery query, IServerStreamWriter<BarData> answers, ServerCallContext call) =>
        calls.RunAsync("bars", query.Series, call, async cancellation =>
        {
            var range = QueryRange.Check(directory, options, query.Series, query.Dimensions, query.StartNs, query.EndNs, query.Limit);
            var rows = new RowWriter<BarData>(answers, range.Limit);
            var sender = new BarSender(range.Series.Plan, rows);
            await foreach (var group in new KeyListing(keys).ListAsync(range, cancellation).Chunk(KeysAtOnce).WithCancellation(cancellation))
            {
                var open = Array.ConvertAll(group, key => query.IncludeOpen ? openBars.ReadAsync(range.Series, key, range.FromNs, range.ToNs) : NoOpenBars);
                await Task.WhenAll(open);
                for (var i = 0; i < group.Length; i++)
                {
                    sender.BeginKey(group[i]);
                    if (!await SendAsync(range, group[i], new OpenBarMerge(await open[i]), sender, cancellation)) return rows.Rows;
                }
            }

            return rows.Rows;
        });

    private async ValueTask<bool> SendAsync(QueryRange range, StoredKey key, OpenBarMerge merge, BarSender sender, CancellationToken cancellation)
    {
        Bar? open;
        await foreach (var stored in bars.ReadAsync(range.Series, key.KeyId, range.FromNs, range.ToNs, cancellation))
        {
            while (merge.TryTakeBefore(stored.BucketStart, out open))
            {
                if (!await sender.SendAsync(open, true, cancellation)) return false;
            }

            var (bar, isOpen) = merge.Choose(stored);
            if (!await sender.SendAsync(bar, isOpen, cancellation)) return false;
        }

        while (merge.TryTakeBefore(long.MaxValue, out open))
        {
            if (!await sender.SendAsync(open, true, cancellation)) return false;
        }

        return true;
    }
}
