namespace Tikr.Core.Ticks;

/// <summary>Ticks of one key within columns, ordered by (time, sequence, position).</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Start">Index of its first tick in the columns.</param>
/// <param name="Count">How many.</param>
/// <param name="FirstRank">Rank of the first within its key's run in the flush; the others follow. With the flush it is the durable
/// position.</param>
public readonly record struct KeyRun(uint KeyId, int Start, int Count, uint FirstRank);
