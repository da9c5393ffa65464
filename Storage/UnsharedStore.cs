namespace Tikr.Storage;

/// <summary>Registered by a store that belongs to one process: other silos neither see what it holds nor may write to it.</summary>
/// <param name="Name">What the store is called in messages.</param>
public sealed record UnsharedStore(string Name);
