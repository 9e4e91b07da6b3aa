namespace Portcullis.Gateway.Configuration;

/// <summary>
/// The least and the greatest value of a number, duration or size, both included. Without this attribute a number or size lies
/// between 0 and its type's maximum, and a duration between 0s and 24d, the longest that timers take.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BetweenAttribute : Attribute
{
    /// <param name="minimum">Least value, in the notation of the file: <c>1</c>, <c>100ms</c>, <c>4KiB</c>.</param>
    /// <param name="maximum">Greatest value, in the same notation.</param>
    public BetweenAttribute(string minimum, string maximum)
    {
        Minimum = minimum;
        Maximum = maximum;
    }

    public BetweenAttribute(int minimum, int maximum)
    {
        Minimum = minimum.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Maximum = maximum.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public string Minimum { get; }

    public string Maximum { get; }
}
