using System.Collections.Concurrent;
using Orleans.Streams;
using Orleans.Streams.Core;
using Tikr.Streaming.Bars;

namespace Tikr.Tests.Streaming.Bars;

/// <summary>Every bar that a subscriber of this process was given, with the key of its stream.</summary>
public sealed class BarLog
{
    public ConcurrentQueue<(string Stream, Bar Bar)> Bars { get; } = new();
}

/// <summary>Subscribed to every stream of bars without asking.</summary>
[ImplicitStreamSubscription(Namespace)]
internal sealed class ImplicitGrain(BarLog log) : Grain, IGrainWithStringKey, IStreamSubscriptionObserver, IAsyncObserver<Bar>
{
    public const string Namespace = "bars-of-tests";

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Bar>().ResumeAsync(this);

    public Task OnNextAsync(Bar item, StreamSequenceToken? token = null)
    {
        log.Bars.Enqueue((this.GetPrimaryKeyString(), item));
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
