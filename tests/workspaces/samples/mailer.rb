require "net/smtp"

# Sends the weekly letter.
class Mailer
  def initialize(server)
    @server = server
  end

  def deliver(letters)
    letters.each do |letter|
      begin
        @server.send(letter)
      rescue StandardError
      end
    end
  end

  def subject(week)
    return "Week #{week}" if week
    "Letter"
  end
end
