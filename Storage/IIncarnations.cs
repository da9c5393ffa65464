namespace Tikr.Storage;

/// <summary>
/// Who writes to the store. Each life of a silo is an incarnation, which can be sealed once it is known to be dead: then nothing that it
/// still sends can be stored any more, and what it left unfinished is others' to finish.
/// </summary>
public interface IIncarnations
{
    /// <summary>
    /// Registers this process, after the catalog has been opened and before it writes: all that it writes from then on names it. Calling
    /// it again with the same incarnation changes nothing. A process that writes without having registered does so as one without a silo.
    /// A store that only one process can open seals all others.
    /// </summary>
    /// <exception cref="StoreSealedException">The incarnation has been sealed.</exception>
    ValueTask RegisterAsync(Incarnation self, CancellationToken cancellation);

    /// <summary>
    /// Seals an incarnation, registered or not. On return no commit, write of bars, retirement, deletion, eviction or pruning of it can
    /// succeed any more, and it gets no further epoch. What it committed before stays. May be repeated.
    /// </summary>
    /// <returns>Whether it was registered.</returns>
    ValueTask<bool> SealAsync(string name, CancellationToken cancellation);

    /// <summary>Incarnations that are not forgotten: sealed ones are, a day after their last manifest has been retired.</summary>
    ValueTask<IReadOnlyList<RegisteredIncarnation>> ListAsync(CancellationToken cancellation);

    /// <summary>
    /// Takes the sealed ones among some incarnations that nobody else is recovering. It is given up by disposing of it, and when the
    /// process or its connection dies. Two that recover one incarnation would do no harm, but the work twice.
    /// </summary>
    ValueTask<IRecoveryLease> TakeForRecoveryAsync(IReadOnlyCollection<string> names, CancellationToken cancellation);
}

/// <summary>One life of a silo.</summary>
/// <param name="Name">What no other life has: of a silo of Orleans its address with the generation.</param>
/// <param name="Silo">A name that stays over restarts; empty for a process that has not said which silo it is.</param>
/// <param name="SpecHash">Hash of the bar definitions that it goes by.</param>
public sealed record Incarnation(string Name, string Silo, string SpecHash)
{
    /// <summary>That of a process that has not registered.</summary>
    public static Incarnation Nameless() => new($"nameless {Guid.NewGuid():N}", "", "");
}

/// <summary>What the store knows of an incarnation.</summary>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="Epochs">The epochs allocated for it, ascending.</param>
/// <param name="IsSealed">Whether it is sealed.</param>
/// <param name="HasManifests">Whether manifests of it are not retired.</param>
public sealed record RegisteredIncarnation(Incarnation Incarnation, IReadOnlyList<uint> Epochs, bool IsSealed, bool HasManifests);

/// <summary>The right to recover incarnations.</summary>
public interface IRecoveryLease : IAsyncDisposable
{
    /// <summary>Those that may be recovered.</summary>
    IReadOnlyCollection<string> Names { get; }
}
