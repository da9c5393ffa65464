namespace Tikr.LoadGenerator.Checking;

/// <summary>Key numbers by the dimension values that a server answers.</summary>
internal sealed class KeyNames
{
    private readonly Shape _shape;
    private readonly Dictionary<string, int> _numbers = [];

    public KeyNames(Shape shape, int keys)
    {
        _shape = shape;
        for (var key = 0; key < keys; key++) _numbers.Add(string.Join('|', shape.ValuesOf(key)), key);
    }

    /// <summary>The key number; -1 if it is not one of ours.</summary>
    public int NumberOf(IDictionary<string, string> dimensions)
    {
        if (dimensions.Count != _shape.Dimensions.Length) return -1;
        if (_shape.Dimensions.Length == 1)
            return dimensions.TryGetValue(_shape.Dimensions[0], out var only) ? _numbers.GetValueOrDefault(only, -1) : -1;
        var name = string.Join('|', _shape.Dimensions.Select(dimension => dimensions.TryGetValue(dimension, out var value) ? value : null));
        return _numbers.GetValueOrDefault(name, -1);
    }
}
