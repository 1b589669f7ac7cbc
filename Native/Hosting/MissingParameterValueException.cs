namespace Aspire.Hosting;

public class MissingParameterValueException : DistributedApplicationException
{
    public MissingParameterValueException(string message)
        : base(message)
    {
    }

    public MissingParameterValueException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
