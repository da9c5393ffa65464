using Tikr.Core.Otlp;

namespace Tikr.Publishing.Records;

/// <summary>What the records of one key have in common.</summary>
/// <param name="Key">The records' key.</param>
/// <param name="Template">Encodes the key's bars.</param>
internal readonly record struct PublishedKey(byte[] Key, BarTemplate Template);
