using Orleans.Streams;
using Orleans.Streams.Core;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.KafkaStreams;

internal interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>What the customer has ordered, and the offset of the last order.</summary>
    Task<(int Orders, decimal Total, long LastOffset)> GetTotalAsync();
}

/// <summary>Adds up a customer's orders. It is there as soon as the topic has an order with the customer's name as its key.</summary>
[ImplicitStreamSubscription("orders")]
internal sealed class CustomerGrain : Grain, ICustomerGrain, IStreamSubscriptionObserver
{
    private readonly HashSet<int> _seen = [];
    private decimal _total;
    private long _lastOffset = -1;

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        await handleFactory.Create<Order>().ResumeAsync(OnOrderAsync);

    public Task<(int Orders, decimal Total, long LastOffset)> GetTotalAsync() => Task.FromResult((_seen.Count, _total, _lastOffset));

    // Delivery is at least once: what comes again is known by its number.
    private Task OnOrderAsync(Order order, StreamSequenceToken? token)
    {
        if (_seen.Add(order.Number)) _total += order.Amount;
        _lastOffset = KafkaOffsets.Of(token);
        return Task.CompletedTask;
    }
}
