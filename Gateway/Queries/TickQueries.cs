using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Memory;
using Tikr.Gateway.Hosting;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>QueryTicks.</summary>
internal sealed class TickQueries(QueryCall calls, SeriesDirectory directory, GatewayOptions options, MemoryBudget budget, IKeyStore keys,
    ITickStore store)
{
    public Task RunAsync(TickQuery query, IServerStreamWriter<TickData> answers, ServerCallContext call) =>
        calls.RunAsync("ticks", query.Series, call, async place =>
        {
            var cancellation = place.Ended;
            var range = QueryRange.Check(directory, options, query.Series, query.Dimensions, query.StartNs, query.EndNs, query.Limit);
            var rows = calls.RowsTo(answers, range.Limit, place);
            var sender = new TickSender(range.Series.Model, rows);
            // Columns that grow hold twice what they need for a moment.
            var mostTicks = budget.ScanBytes / 2 / range.Series.Model.TickBytes;
            await new ManyKeysReader(store, mostTicks: mostTicks)
                .RunAsync(range, new KeyListing(keys).ListAsync(range, cancellation), sender, cancellation).ConfigureAwait(false);
            return rows.Rows;
        });
}
