namespace Tikr.Core.Delivery;

/// <summary>How the gateway of this silo takes part in a cluster of silos on one store. A silo alone is a cluster of one.</summary>
public interface ICluster
{
    /// <summary>
    /// Registers this life of the silo with the store, so that what it writes can be refused once it is dead, and seals those that the
    /// membership knows as dead. Before anything is written.
    /// </summary>
    /// <param name="definitions">Hash of the bar definitions that this silo goes by.</param>
    /// <param name="cancellation">Gives up.</param>
    Task RegisterAsync(string definitions, CancellationToken cancellation);

    /// <summary>
    /// Takes part: completes when every other silo waits for what this silo's gateways deliver. Before that no tick may be taken: another
    /// silo would close its bar without it.
    /// </summary>
    Task JoinAsync(CancellationToken cancellation);

    /// <summary>Whom <see cref="JoinAsync"/> waits for, for people; null for nobody.</summary>
    string? WaitsFor { get; }
}
