using System.Text.Json;
using System.Text.Json.Serialization;
using Tikr.Core.Specs;

namespace Tikr.Storage.RocksDb;

/// <summary>A type in the store's records: true for uint64, false for int64.</summary>
internal sealed class FieldTypeJson : JsonConverter<FieldType>
{
    /// <summary>Name of the member that holds it.</summary>
    public const string Name = "IsUnsigned";

    public override FieldType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetBoolean());

    public override void Write(Utf8JsonWriter writer, FieldType value, JsonSerializerOptions options) =>
        writer.WriteBooleanValue(value.Unsigned);
}
