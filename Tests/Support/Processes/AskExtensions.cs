using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.Tests.Support.Processes;

public static class AskExtensions
{
    public static async Task<List<TickData>> Ticks(this Contracts.Tikr.TikrClient client, TickQuery query)
    {
        using var call = client.QueryTicks(query);
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync();
    }

    public static async Task<List<BarData>> Bars(this Contracts.Tikr.TikrClient client, BarQuery query)
    {
        using var call = client.QueryBars(query);
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync();
    }

    public static TickQuery With(this TickQuery query, string dimension, string value)
    {
        query.Dimensions.Add(dimension, value);
        return query;
    }

    public static BarQuery With(this BarQuery query, string dimension, string value)
    {
        query.Dimensions.Add(dimension, value);
        return query;
    }
}
