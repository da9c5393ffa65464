using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tikr.Core.Dimensions;

namespace Tikr.Core.Otlp;

/// <summary>The dimensions of a key as attributes of a data point, sorted by name.</summary>
internal static class Attributes
{
    /// <summary>The fields of the data point, tags included.</summary>
    public static byte[] AsProtobuf(DimensionSet dimensions)
    {
        var writer = new ReverseWriter();
        foreach (var (name, value) in RecordKey.Sorted(dimensions).Reverse()) writer.TextAttribute(OtlpTags.PointAttribute, name, value);
        return writer.ToArray();
    }

    /// <summary>The elements of the array, with commas between them.</summary>
    public static byte[] AsJson(DimensionSet dimensions)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in RecordKey.Sorted(dimensions))
        {
            if (bytes.WrittenCount > 0) bytes.Write(","u8);
            bytes.Write("{\"key\":"u8);
            bytes.Write(Quoted(name));
            bytes.Write(",\"value\":{\"stringValue\":"u8);
            bytes.Write(Quoted(value));
            bytes.Write("}}"u8);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A text as JSON has it, with its quotes.</summary>
    public static byte[] Quoted(string text)
    {
        var escaped = JsonEncodedText.Encode(Encoding.UTF8.GetBytes(text), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        return [(byte)'"', .. escaped, (byte)'"'];
    }
}
