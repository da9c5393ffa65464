namespace Tikr.Tests.Support.Networks;

/// <summary>A machine of a <see cref="TestNetwork"/>.</summary>
/// <param name="space">Its network namespace.</param>
/// <param name="address">Its address.</param>
/// <param name="outer">The switch's end of its cable.</param>
public sealed class TestMachine(NetworkNamespace space, string address, string outer)
{
    internal const string Device = "eth0";

    // Of no network card: packets for it go nowhere.
    private const string Nowhere = "02:00:00:00:00:01";

    /// <summary>Its network namespace.</summary>
    public NetworkNamespace Namespace => space;

    /// <summary>Its address.</summary>
    public string Address => address;

    /// <summary>Packets between it and another vanish, both ways.</summary>
    public async Task CutAsync(TestMachine other)
    {
        await LoseAsync(other).ConfigureAwait(false);
        await other.LoseAsync(this).ConfigureAwait(false);
    }

    /// <summary>Ends <see cref="CutAsync"/>.</summary>
    public async Task HealAsync(TestMachine other)
    {
        await FindAsync(other).ConfigureAwait(false);
        await other.FindAsync(this).ConfigureAwait(false);
    }

    /// <summary>What it sends to others waits in a queue of a slow cable.</summary>
    /// <param name="kilobits">Kilobits per second.</param>
    public Task SlowDownAsync(int kilobits) => TestNetwork.RunAsync(
        "tc", "-n", space.Name, "qdisc", "replace", "dev", Device, "root",
        "tbf", "rate", $"{kilobits}kbit", "burst", "4kb", "latency", "800ms");

    /// <summary>Ends <see cref="SlowDownAsync"/>.</summary>
    public Task SpeedUpAsync() => TestNetwork.RunAsync("tc", "-n", space.Name, "qdisc", "del", "dev", Device, "root");

    /// <summary>The cable to the switch is pulled, or plugged in again: for clients too.</summary>
    public Task PlugAsync(bool isIn) => TestNetwork.IpAsync("link", "set", outer, isIn ? "up" : "down");

    private Task LoseAsync(TestMachine other) => TestNetwork.IpAsync(
        "-n", space.Name, "neigh", "replace", other.Address, "lladdr", Nowhere, "dev", Device, "nud", "permanent");

    // Whether it was cut or not.
    private async Task FindAsync(TestMachine other)
    {
        await LoseAsync(other).ConfigureAwait(false);
        await TestNetwork.IpAsync("-n", space.Name, "neigh", "del", other.Address, "dev", Device).ConfigureAwait(false);
    }
}
