using Tikr.Core.Delivery;
using Tikr.Storage;

namespace Tikr.Grains.Recovery;

/// <summary>What a sealed incarnation left uncovered.</summary>
/// <param name="Epochs">Its epochs: all their manifests have been read.</param>
/// <param name="Pairs">Pairs that they name, with the last flushes that touched each.</param>
internal sealed record LeftPairs(IReadOnlyList<uint> Epochs, IReadOnlyDictionary<RecoveredPair, FlushVector> Pairs);
