namespace Tikr.Storage;

/// <summary>Only ticks that no bar covers yet are left, so none may be evicted: ingest has to wait.</summary>
public sealed class StoreFullException(string message) : Exception(message);

/// <summary>
/// A commit has ticks of a bucket that begins below <see cref="ITickStore.CompleteFrom"/>: its bar can never be complete. Nothing of the
/// commit was stored; without those ticks it may be tried again, as another flush.
/// </summary>
public sealed class TicksTooOldException(FlushId flush)
    : Exception($"Flush {flush.Epoch}.{flush.Flush} has ticks of buckets of which others have been deleted.");

/// <summary>The store cannot be opened as configured; the message lists every reason with its remedy.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The incarnation that this process writes as has been sealed: others have declared it dead, and have taken over what it left. It can
/// never write again, and nothing of the operation was stored.
/// </summary>
public sealed class StoreSealedException(string name) : Exception(
    $"The other silos have declared this server ({name}) dead, so nothing that it writes is taken any more: what it has not acknowledged "
    + "is not stored. It ends its streams and exits, and takes part again once it is started anew. If it was alive, look for what held "
    + "it up: a stopped process, lack of CPU or memory, a network that was cut.");

/// <summary>The store does not answer or failed; the operation may be retried.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
