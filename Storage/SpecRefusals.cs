using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Storage;

/// <summary>Why stored data cannot follow a changed spec, each with its remedy; the same for every store.</summary>
public static class SpecRefusals
{
    /// <summary>The dimensions of a series are not those of its stored keys.</summary>
    /// <param name="model">The series as it is configured.</param>
    /// <param name="stored">Names of the stored dimensions.</param>
    public static string DimensionsChanged(SeriesModel model, IEnumerable<string> stored) =>
        $"series '{model.Name}'{SourceOf(model)}: dimensions are [{Names(model.Spec.Dimensions.Select(d => d.Name))}] "
        + $"but the store has [{Names(stored)}]: stored keys cannot follow. "
        + "Restore the dimensions and their order, or give the series a new name.";

    /// <summary>A field has another type than in the stored ticks.</summary>
    /// <param name="model">The series as it is configured.</param>
    /// <param name="field">The field as it is configured.</param>
    /// <param name="stored">Its type in the store.</param>
    public static string FieldTypeChanged(SeriesModel model, FieldColumn field, FieldType stored) =>
        $"series '{model.Name}'{SourceOf(model)}: field '{field.Name}' is {field.Type} "
        + $"but the store has it as {stored}: stored ticks cannot follow. "
        + "Restore the type, or use a field of another name, or give the series a new name.";

    private static string SourceOf(SeriesModel model) => model.Spec.Source.Length == 0 ? "" : $" ({model.Spec.Source})";

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
