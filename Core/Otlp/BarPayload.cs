using Tikr.Core.Otlp.Reading;

namespace Tikr.Core.Otlp;

/// <summary>Reads published bars, in any of the encodings, which it tells apart by themselves.</summary>
public static class BarPayload
{
    /// <summary>Reads the bars of a payload: one, unless something on the way put several into one message.</summary>
    /// <param name="payload">Value of a record.</param>
    /// <param name="bars">The bars, in the order of their first data point.</param>
    /// <param name="reason">Why it cannot be read; null if it could.</param>
    /// <returns>False if the payload is not made of whole bars; nothing is thrown, whatever the bytes.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> payload, out IReadOnlyList<PublishedBar> bars, out string? reason)
    {
        var problem = new ReadProblem();
        // No OTLP message in protobuf begins with '{'; white space before it is not looked for, since a line feed is the usual first tag.
        var isJson = payload.Span is [(byte)'{', ..];
        var resources = isJson ? JsonReader.Read(payload, problem) : ProtobufReader.Read(payload.Span, problem);
        var read = problem.Text is null ? BarAssembly.ToBars(resources, problem) : [];
        reason = problem.Text;
        bars = reason is null ? read : [];
        return reason is null;
    }
}
