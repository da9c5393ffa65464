using Orleans.Streams;
using Orleans.Streams.Core;
using Tikr.Streaming.Bars;

namespace Tikr.Samples.BarConsumer;

/// <summary>The latest bar of every key of one partition.</summary>
public interface ILatestBarsGrain : IGrainWithStringKey
{
    /// <summary>The bars, by key.</summary>
    Task<Bar[]> GetAsync();
}

/// <summary>
/// Subscribes implicitly: Orleans activates the grain whose key is the stream's (the partition's number) when the first bar arrives, and
/// nothing needs to be stored about the subscription.
/// </summary>
[ImplicitStreamSubscription(BarStreams.Namespace)]
internal sealed class LatestBarsGrain : Grain, ILatestBarsGrain, IStreamSubscriptionObserver, IAsyncObserver<Bar>
{
    private readonly SortedDictionary<string, Bar> _latest = new(StringComparer.Ordinal);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Bar>().ResumeAsync(this);

    // Bars of a key come in order, each at least once; a late tick brings an earlier bucket again, with a higher revision.
    public Task OnNextAsync(Bar item, StreamSequenceToken? token = null)
    {
        if (!_latest.TryGetValue(item.Key, out var held) || (held.BucketStart, held.Revision)
            .CompareTo((item.BucketStart, item.Revision)) < 0)
            _latest[item.Key] = item;
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public Task<Bar[]> GetAsync() => Task.FromResult(_latest.Values.ToArray());
}
