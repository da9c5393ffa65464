namespace Tikr.Storage;

/// <summary>Only ticks that no bar covers yet are left, so none may be evicted: ingest has to wait.</summary>
public sealed class StoreFullException(string message) : Exception(message);

/// <summary>The store cannot be opened as configured; the message lists every reason with its remedy.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The store does not answer or failed; the operation may be retried.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
