;;; session.el --- What the sessions with each client of Emacs share  -*- lexical-binding: t -*-

;;; Commentary:

;; Packages are found, and a step is waited for.  Loaded by the session's own script.

;;; Code:

(require 'package)
;; Debian keeps the packages of its distribution here, and `-Q' does not look there.
(add-to-list 'package-directory-list "/usr/share/emacs/site-lisp/elpa")
(package-initialize)
(require 'cl-lib)

(defun session-fail (words &rest arguments)
  "Say WORDS with ARGUMENTS and leave."
  (message "FAILED: %s" (apply #'format words arguments))
  (kill-emacs 1))

(defun session-wait (what condition)
  "Wait until CONDITION holds; WHAT is for the reader."
  (let ((end (+ (float-time) 40)) found)
    (while (and (not (setq found (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless found (session-fail "never %s" what))
    (message "ok: %s" what)
    found))

;;; session.el ends here
