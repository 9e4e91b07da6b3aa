namespace Portcullis.Gateway.Configuration;

/// <summary>One difference between two configurations.</summary>
/// <param name="Direction">What it does to security.</param>
/// <param name="Path">Key path; items of lists by what tells them apart, as in <c>clusters.orders.destinations[http://127.0.0.1:9001]</c>.</param>
/// <param name="Summary">The change in one sentence.</param>
/// <param name="Old">The old value; null where there was none or it is no single value. Never a secret.</param>
/// <param name="New">The new value, likewise.</param>
public sealed record ConfigurationChange(ChangeDirection Direction, string Path, string Summary, string? Old, string? New);
