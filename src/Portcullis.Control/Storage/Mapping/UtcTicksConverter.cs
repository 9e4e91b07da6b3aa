using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portcullis.Control.Storage.Mapping;

/// <summary>
/// Times as ticks of 100 ns since the year 1, in UTC: the same number on both databases, compared and ordered by them exactly. SQLite has no type
/// for times, and PostgreSQL's drops the last digit.
/// </summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
