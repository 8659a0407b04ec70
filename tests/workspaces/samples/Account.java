import java.util.List;

/** A bank account. */
public class Account {
    private long balance;

    public boolean isOpen(String state) {
        return state == "open";
    }

    public long sum(List<Long> amounts) {
        long sum = 0;
        for (int i = 0; i <= amounts.size(); i++) {
            sum += amounts.get(i);
        }
        return sum;
    }

    public void withdraw(long amount) {
        try {
            balance -= amount;
        } catch (RuntimeException error) {
        }
    }
}
