namespace Tikr.Tests.Cluster.Events;

/// <summary>All events in random order, over and over: each happens once before any happens again.</summary>
/// <param name="stop">How long hanging and being cut off last.</param>
/// <param name="random">Decides the order.</param>
internal sealed class EventDeck(TimeSpan stop, Random random)
{
    private readonly Queue<ClusterEvent> _deck = new();

    /// <summary>The next event.</summary>
    public ClusterEvent Next()
    {
        if (_deck.Count == 0) Shuffle();
        return _deck.Dequeue();
    }

    private ClusterEvent[] All() =>
    [
        new Calm(),
        new KillAny(),
        new KillYoungest(),
        new KillTwo(),
        new KillAll(),
        new ReuseAddress(),
        new Terminate(),
        new Join(),
        new RollingRestart(),
        new Hang(stop),
        new CutBetweenServers(stop),
        new CutBetweenTwo(stop),
        new CutFromDatabase(stop),
        new SlowLink(stop),
        new KillDatabase(),
        new ClockOffset(),
    ];

    private void Shuffle()
    {
        var wanted = Environment.GetEnvironmentVariable("TIKR_CHAOS_EVENTS")?.Split(',') ?? [];
        var events = All().Where(one => one.IsPossible
            && (wanted.Length == 0 || wanted.Any(word => one.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))).ToArray();
        random.Shuffle(events);
        foreach (var one in events) _deck.Enqueue(one);
    }
}
